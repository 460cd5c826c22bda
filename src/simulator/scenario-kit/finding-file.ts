import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { partitionOf } from '../../incident/values/partition.ts'
import { quoted } from '../../incident/values/quoted.ts'
import { apiSpelling, isMembers, type Members, mapTexts, memberAt, textAt, unwrapped } from './finding-spelling.ts'
import { type NamedCredential, subjectIn, unfitCredential } from './finding-subject.ts'
import { BASTION, NEIGHBOURS } from './machines.ts'
import { isPlaceholder, isSampleFinding } from './placeholders.ts'
import { ACME, type AccountIdentity, RESPONDER } from './standard-account.ts'
import type { SubjectNames } from './subjects/subject.ts'

/** A session of a role of its own, under the name of somebody's choice. */
export interface ChosenName {
  readonly roleName: string
  readonly roleId: string
  readonly sessionName: string
  readonly accessKeyId?: string
}

/** What a finding file tells about the account to build. Whatever it leaves out is filled in by the builder. */
export interface FindingFile {
  /** The document in the API's spelling. */
  readonly document: Members
  /** Whether the file, as it was read, is one of GuardDuty's samples. */
  readonly isSample: boolean
  readonly identity: Partial<AccountIdentity>
  /** Set where the session is named after an instance that does not hold its role: somebody obtained it and chose the name. */
  readonly chosenName?: ChosenName
  /** Set where it is about other credentials than those of an instance. */
  readonly subject?: SubjectNames
  /** Whether the finding is about credentials: one about an instance alone names none. */
  readonly isAboutCredentials: boolean
  /** The Auto Scaling group that the finding's tags name. */
  readonly groupName?: string
  readonly isTerminated: boolean
  readonly publicIp?: string
  readonly remoteIp?: string
}

const unusable = (why: string): Failure =>
  new Failure({
    kind: 'usage',
    what: 'no account can be built around this finding',
    why,
    remedy: 'Give a finding about an access key or an EC2 instance, or choose a scenario: `ir-cred drill --list` names them.',
  })

const ISSUER = /^arn:aws[\w-]*:iam::\d{12}:role\/(?:.*\/)?([\w+=,.@-]{1,64})$/

/** Some exports keep the actor of an attack sequence in the text alone: "… IAMUser/john_doe with principalId AIDA… in account …". */
const keyInText = (document: Members): Members | undefined => {
  const [, UserType, UserName, PrincipalId] =
    /\b(\w{4,32})\/([\w+=,.@-]{1,64}) with principalId ([\w+=,.@:-]{1,128})/.exec(textAt(document, 'Description') ?? '') ?? []
  return UserType === undefined ? undefined : { UserType, UserName, PrincipalId }
}

/** The credential that the finding is about; an attack sequence has it among its actors, and the role's name in the issuer's ARN. */
const keyDetails = (document: Members): Members | undefined => {
  const details = memberAt(document, 'Resource', 'AccessKeyDetails')
  if (isMembers(details)) return details
  const actor = memberAt(document, 'Service', 'Detection', 'Sequence', 'Actors', 0)
  if (!isMembers(memberAt(actor, 'User'))) return keyInText(document)
  return {
    AccessKeyId: memberAt(actor, 'User', 'CredentialUid'),
    PrincipalId: memberAt(actor, 'User', 'Uid'),
    UserName: ISSUER.exec(textAt(actor, 'Session', 'Issuer') ?? '')?.[1] ?? memberAt(actor, 'User', 'Name'),
    UserType: memberAt(actor, 'User', 'Type'),
  }
}

/** A name that is one: neither a placeholder nor of another form. */
const named = (text: string | undefined, pattern: RegExp): string | undefined =>
  text !== undefined && !isPlaceholder(text) && pattern.test(text) ? text : undefined

const NAME = /^[\w+=,.@-]{1,64}$/
const INSTANCE = /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/
const ADDRESS = /^(?!0\.0\.0\.0$)\d{1,3}(\.\d{1,3}){3}$/
const ACCOUNT = /^\d{12}$/

const credentialIn = (document: Members, key: Members | undefined): NamedCredential => {
  const call = memberAt(document, 'Service', 'Action', 'AwsApiCallAction')
  const callersAccount = named(textAt(call, 'RemoteAccountDetails', 'AccountId'), ACCOUNT)
  return {
    userType: named(textAt(key, 'UserType'), /./) ?? 'AssumedRole',
    type: textAt(document, 'Type') ?? '',
    ...given({
      accessKeyId: named(textAt(key, 'AccessKeyId'), /^(?:ASIA|AKIA)[A-Z0-9]{12,28}$/),
      principalId: named(textAt(key, 'PrincipalId'), /^[\w+=,.@:/-]{1,256}$/),
      userName: named(textAt(key, 'UserName'), NAME),
      // GuardDuty writes the caller's account also where it is the finding's own.
      otherAccount: callersAccount === textAt(document, 'AccountId') ? undefined : callersAccount,
    }),
  }
}

/** Whether key details say whose they are; a placeholder stands for a name. Root has no name but its type. */
const isAboutSomebody = (key: Members | undefined): boolean =>
  ['AccessKeyId', 'PrincipalId', 'UserName'].some((member) => (textAt(key, member) ?? '') !== '') ||
  /^root$/i.test(textAt(key, 'UserType') ?? '')

const refuseUnfit = (document: Members, credential: NamedCredential): void => {
  const type = textAt(document, 'Type')
  if (type === undefined) throw unusable('it has no type')
  const hasInstance = (textAt(document, 'Resource', 'InstanceDetails', 'InstanceId') ?? '') !== ''
  if (!isAboutSomebody(keyDetails(document)) && !hasInstance) {
    throw unusable(`a finding of type ${quoted(type)} names no access key and no instance here`)
  }
  const unfit = unfitCredential(credential)
  if (unfit !== undefined) throw unusable(unfit)
  if (credential.userName === RESPONDER) throw unusable(`role ${RESPONDER} is the responder’s own here`)
  const region = textAt(document, 'Region')
  if (region !== undefined && !isPlaceholder(region) && !partitionOf(region)) {
    throw unusable(`${quoted(region)} is not a Region of a known partition`)
  }
}

const withoutUndefined = <T extends object>(members: { [K in keyof T]: T[K] | undefined }): Partial<T> =>
  Object.fromEntries(Object.entries(members).filter(([, member]) => member !== undefined)) as Partial<T>

const identityIn = (document: Members, credential: NamedCredential): Partial<AccountIdentity> => {
  const [roleId, session] = credential.principalId?.split(':') ?? []
  return withoutUndefined<AccountIdentity>({
    accountId: named(textAt(document, 'AccountId'), ACCOUNT),
    alias: undefined,
    region: named(textAt(document, 'Region'), /./),
    roleName: credential.userName,
    roleId: named(roleId, /^AROA[A-Z0-9]{12,}$/),
    subjectInstanceId: named(session, INSTANCE) ?? named(textAt(document, 'Resource', 'InstanceDetails', 'InstanceId'), INSTANCE),
    stolenKeyId: credential.accessKeyId,
  })
}

/**
 * The account's other instances hold the role of the standard account, or none: a session of another role under such a name, or of any role
 * under the name of the instance without one, was obtained by somebody who chose it.
 */
const chosenNameIn = (identity: Partial<AccountIdentity>): Pick<FindingFile, 'identity' | 'chosenName'> => {
  const { roleName = ACME.roleName, roleId = ACME.roleId, subjectInstanceId = '', stolenKeyId, ...rest } = identity
  const isOther = (NEIGHBOURS as readonly string[]).includes(subjectInstanceId) && roleName !== ACME.roleName
  if (!isOther && subjectInstanceId !== BASTION) return { identity }
  return {
    identity: rest,
    chosenName: { roleName, roleId, sessionName: subjectInstanceId, ...given({ accessKeyId: stolenKeyId }) },
  }
}

/** Of a subject that is no instance, the account keeps its own instance, key and role, unless it is about that role. */
const placeOf = (identity: Partial<AccountIdentity>): Partial<AccountIdentity> => {
  const { accountId, region, roleName, roleId } = identity
  return given({ accountId, region, roleId: roleName === ACME.roleName ? roleId : undefined })
}

const groupIn = (document: Members): string | undefined => {
  const tags = memberAt(document, 'Resource', 'InstanceDetails', 'Tags')
  const tag = (Array.isArray(tags) ? tags : []).find((one) => textAt(one, 'Key') === 'aws:autoscaling:groupName')
  return named(textAt(tag, 'Value'), /^[\w .:/-]{1,255}$/)
}

const remoteIn = (document: Members): string | undefined => {
  const action = memberAt(document, 'Service', 'Action')
  const described = isMembers(action)
    ? Object.values(action).find((member) => textAt(member, 'RemoteIpDetails', 'IpAddressV4'))
    : undefined
  const remote =
    textAt(described, 'RemoteIpDetails', 'IpAddressV4') ??
    textAt(document, 'Service', 'Detection', 'Sequence', 'Endpoints', 0, 'Ip')
  return named(remote, ADDRESS)
}

/** Samples of attack sequences are about a user john_doe ("Sample findings"): a placeholder in a sample, and a name elsewhere. */
const withoutSampleUser = (document: Members): Members => {
  if (!/^AttackSequence:/.test(textAt(document, 'Type') ?? '')) return document
  // Times of a sequence are dates already: only texts are looked at.
  return mapTexts(document, (text) => text.replaceAll('john_doe', 'GeneratedFindingUserName')) as Members
}

/**
 * Reads a parsed finding document in API or EventBridge spelling, bare or wrapped: about the credentials of anybody, or about an instance. A
 * sample or a template is read like any other, without the names that are placeholders. Throws a Failure of kind usage when no account can be
 * built around it.
 */
export const readFindingFile = (parsed: unknown): FindingFile => {
  const inner = unwrapped(parsed)
  if (!isMembers(inner)) throw unusable('the file holds no finding')
  const asRead = apiSpelling(inner) as Members
  const isSample = isSampleFinding(asRead)
  const document = isSample ? withoutSampleUser(asRead) : asRead
  const key = keyDetails(document)
  const credential = credentialIn(document, key)
  refuseUnfit(document, credential)
  const interfaces = memberAt(document, 'Resource', 'InstanceDetails', 'NetworkInterfaces')
  const publicIp = named(textAt(interfaces, 0, 'PublicIp'), ADDRESS)
  const identity = identityIn(document, credential)
  const subject = subjectIn(credential)
  const isTerminated = /^terminated$/i.test(textAt(document, 'Resource', 'InstanceDetails', 'InstanceState') ?? '')
  return {
    ...{
      ...{ document, isSample },
      isAboutCredentials: key !== undefined || !isMembers(memberAt(document, 'Resource', 'InstanceDetails')),
      isTerminated,
    },
    ...(subject ? { subject, identity: placeOf(identity) } : chosenNameIn(identity)),
    ...given({ publicIp, remoteIp: remoteIn(document), groupName: groupIn(document) }),
  }
}
