import { SECOND_MS } from '../../incident/values/duration.ts'
import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { partitionOf } from '../../incident/values/partition.ts'
import { quoted } from '../../incident/values/quoted.ts'
import { BASTION, NEIGHBOURS } from './machines.ts'
import { ACME, type AccountIdentity, RESPONDER } from './standard-account.ts'

/** A session of a role of its own, under the name of somebody's choice. */
export interface ChosenName {
  readonly roleName: string
  readonly roleId: string
  readonly sessionName: string
  readonly accessKeyId?: string
}

type Members = Readonly<Record<string, unknown>>

/** What a finding file tells about the account to build. Whatever it leaves out is filled in by the builder. */
export interface FindingFile {
  /** The document in the API's spelling. */
  readonly document: Members
  readonly identity: Partial<AccountIdentity>
  /** Set where the session is named after an instance that does not hold its role: somebody obtained it and chose the name. */
  readonly chosenName?: ChosenName
  readonly publicIp?: string
  readonly remoteIp?: string
}

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)

const unusable = (why: string): Failure =>
  new Failure({
    kind: 'usage',
    what: 'no account can be built around this finding',
    why,
    remedy:
      'Give a finding about temporary credentials of an EC2 instance’s role, or choose a scenario: `ir-cred drill --list` names them.',
  })

const upperFirst = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1)

/** EventBridge writes additionalInfo as an object; the API as JSON text in Value. */
const additionalInfo = (value: unknown): unknown =>
  isMembers(value) && value.value === undefined && value.Value === undefined
    ? { Type: 'default', Value: JSON.stringify(value) }
    : apiSpelling(value)

/** The only times in a finding that the API does not write as text: those of an attack sequence's signals and sessions. */
const SEQUENCE_TIMES = ['CreatedAt', 'UpdatedAt', 'FirstSeenAt', 'LastSeenAt', 'CreatedTime']

const apiTime = (value: unknown): unknown => {
  const time = typeof value === 'number' ? value * SECOND_MS : Date.parse(String(value))
  return Number.isNaN(time) ? undefined : new Date(time)
}

const sequenceTimes = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sequenceTimes)
  if (!isMembers(value)) return value
  const entries = Object.entries(value).map(([name, member]) => [
    name,
    SEQUENCE_TIMES.includes(name) ? apiTime(member) : sequenceTimes(member),
  ])
  return Object.fromEntries(entries)
}

const apiSpelling = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(apiSpelling)
  if (!isMembers(value)) return value
  const entries = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(
    entries.map(([name, member]) => {
      const spelled = upperFirst(name)
      if (spelled === 'AdditionalInfo') return [spelled, additionalInfo(member)]
      return [spelled, spelled === 'Sequence' ? sequenceTimes(apiSpelling(member)) : apiSpelling(member)]
    }),
  )
}

/** The finding itself, out of an EventBridge event, an answer of GetFindings, or a list. */
const unwrapped = (value: unknown): unknown => {
  if (Array.isArray(value)) return unwrapped(value[0])
  if (!isMembers(value)) return value
  const inner = value.detail ?? value.Findings ?? value.findings
  return inner === undefined ? value : unwrapped(inner)
}

const at = (value: unknown, ...path: readonly (string | number)[]): unknown => {
  let found: unknown = value
  for (const step of path) {
    if (Array.isArray(found)) found = found[Number(step)]
    else found = isMembers(found) ? found[step] : undefined
  }
  return found
}

const textAt = (value: unknown, ...path: readonly (string | number)[]): string | undefined => {
  const found = at(value, ...path)
  return typeof found === 'string' && found !== '' ? found : undefined
}

const matching = (text: string | undefined, pattern: RegExp): string | undefined =>
  text !== undefined && pattern.test(text) ? text : undefined

const INSTANCE = /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/

const ISSUER = /^arn:aws[\w-]*:iam::\d{12}:role\/(?:.*\/)?([\w+=,.@-]{1,64})$/

/** The credential that the finding is about; an attack sequence has it among its actors, and the role's name in the issuer's ARN. */
const keyDetails = (document: Members): Members | undefined => {
  const details = at(document, 'Resource', 'AccessKeyDetails')
  if (isMembers(details)) return details
  const actor = at(document, 'Service', 'Detection', 'Sequence', 'Actors', 0)
  if (!isMembers(at(actor, 'User'))) return undefined
  return {
    AccessKeyId: at(actor, 'User', 'CredentialUid'),
    PrincipalId: at(actor, 'User', 'Uid'),
    UserName: ISSUER.exec(textAt(actor, 'Session', 'Issuer') ?? '')?.[1] ?? at(actor, 'User', 'Name'),
    UserType: at(actor, 'User', 'Type'),
  }
}

const refuseUnfit = (document: Members): void => {
  if (textAt(document, 'Type') === undefined) throw unusable('it has no type')
  if (/^\[SAMPLE\]/.test(textAt(document, 'Title') ?? '') || JSON.stringify(document).includes('GeneratedFinding')) {
    throw unusable('it is a sample finding, and its names are placeholders')
  }
  if (keyDetails(document) === undefined) {
    throw unusable(`a finding of type ${quoted(textAt(document, 'Type'))} names no access key`)
  }
  const userType = textAt(keyDetails(document), 'UserType') ?? 'AssumedRole'
  if (userType !== 'AssumedRole') throw unusable(`its principal is of type ${quoted(userType)}, not a role’s session`)
  const region = textAt(document, 'Region')
  if (region !== undefined && !partitionOf(region)) throw unusable(`${quoted(region)} is not a Region of a known partition`)
}

const sessionOf = (principalId: string | undefined): { roleId?: string; subjectInstanceId?: string } => {
  if (principalId === undefined) return {}
  const [roleId = '', session = ''] = principalId.split(':')
  if (!INSTANCE.test(session)) throw unusable(`its session ${quoted(session)} is not that of an EC2 instance`)
  return { roleId, subjectInstanceId: session }
}

const withoutUndefined = <T extends object>(members: { [K in keyof T]: T[K] | undefined }): Partial<T> =>
  Object.fromEntries(Object.entries(members).filter(([, member]) => member !== undefined)) as Partial<T>

const identityIn = (document: Members): Partial<AccountIdentity> => {
  const key = keyDetails(document)
  const session = sessionOf(textAt(key, 'PrincipalId'))
  const accessKeyId = textAt(key, 'AccessKeyId')
  if (accessKeyId !== undefined && !/^ASIA[A-Z0-9]{12,28}$/.test(accessKeyId)) {
    throw unusable(`${quoted(accessKeyId)} is not a temporary access key`)
  }
  if (textAt(key, 'UserName') === RESPONDER) throw unusable(`role ${RESPONDER} is the responder’s own here`)
  return withoutUndefined<AccountIdentity>({
    accountId: matching(textAt(document, 'AccountId'), /^\d{12}$/),
    alias: undefined,
    region: textAt(document, 'Region'),
    roleName: matching(textAt(key, 'UserName'), /^[\w+=,.@-]{1,64}$/),
    roleId: session.roleId,
    subjectInstanceId:
      session.subjectInstanceId ?? matching(textAt(document, 'Resource', 'InstanceDetails', 'InstanceId'), INSTANCE),
    stolenKeyId: accessKeyId,
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

const ADDRESS = /^\d{1,3}(\.\d{1,3}){3}$/

/**
 * Reads a parsed finding document in API or EventBridge spelling, bare or wrapped. Throws a Failure of kind usage when no
 * account can be built around it: a sample, a user's key, a session that is not an instance's.
 */
export const readFindingFile = (parsed: unknown): FindingFile => {
  const inner = unwrapped(parsed)
  if (!isMembers(inner)) throw unusable('the file holds no finding')
  const document = apiSpelling(inner) as Members
  refuseUnfit(document)
  const interfaces = at(document, 'Resource', 'InstanceDetails', 'NetworkInterfaces')
  const remote =
    at(document, 'Service', 'Action', 'AwsApiCallAction', 'RemoteIpDetails', 'IpAddressV4') ??
    at(document, 'Service', 'Detection', 'Sequence', 'Endpoints', 0, 'Ip')
  const publicIp = matching(textAt(interfaces, 0, 'PublicIp'), ADDRESS)
  const remoteIp = matching(typeof remote === 'string' ? remote : undefined, ADDRESS)
  const identity = identityIn(document)
  return { document, ...chosenNameIn(identity), ...given({ publicIp, remoteIp }) }
}
