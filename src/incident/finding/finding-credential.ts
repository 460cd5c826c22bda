import { given } from '../values/given.ts'
import { isInstanceId, roleSessionOf } from '../values/identifiers.ts'
import { quoted } from '../values/quoted.ts'
import { untrusted } from '../values/untrusted.ts'
import { checkedAccessKeyId } from './access-key-id.ts'
import type { Finding, UserType } from './finding.ts'
import { at, filledText, identifierIn, isGenerated, type Member, type Remark, refusal } from './member.ts'

export type FindingCredential = Pick<Finding, 'userType' | 'userTypeAsWritten' | 'accessKeyId' | 'principalId' | 'userName'>

/** Where a finding names the four things that make up a credential. */
export interface CredentialMembers {
  readonly accessKeyId: Member
  readonly principalId: Member
  readonly userName: Member
  readonly userType: Member
}

const NAME = /^[\w+=,.@-]{1,64}$/

/** What EC2 calls its own sessions for an instance, such as `aws:ec2-instance` ("Instance identity roles"). No role of IAM has a colon. */
const OF_EC2_ITSELF = /^aws:ec2-[\w-]{1,56}$/

/** Both spellings: `AssumedRole` as in CloudTrail, `ASSUMED_ROLE` as in the details of anomalies. */
const USER_TYPES: Readonly<Record<string, UserType>> = {
  root: 'Root',
  iamuser: 'IAMUser',
  assumedrole: 'AssumedRole',
  federateduser: 'FederatedUser',
  awsaccount: 'AWSAccount',
  awsservice: 'AWSService',
  role: 'Role',
}

const userTypeIn = (member: Member): Pick<Finding, 'userType' | 'userTypeAsWritten'> => {
  const written = filledText(member)
  if (written === undefined) return { userType: 'Unknown' }
  const known = new Map(Object.entries(USER_TYPES)).get(written.replaceAll('_', '').toLowerCase())
  return known ? { userType: known } : { userType: 'Unknown', userTypeAsWritten: untrusted(written) }
}

const accessKeyIn = (member: Member, remark: Remark): string | undefined => {
  const text = filledText(member)
  return text === undefined || isGenerated(text) ? text : checkedAccessKeyId(text, `The finding's ${member.path}`, remark)
}

const isOfUser = (userType: UserType): boolean => userType === 'IAMUser' || userType === 'FederatedUser'

const userNameIn = (member: Member, userType: UserType, remark: Remark): string | undefined => {
  const name = filledText(member)
  if (name === undefined || NAME.test(name) || (!isOfUser(userType) && OF_EC2_ITSELF.test(name))) return name
  const why = `it holds ${quoted(name)}, and a name has 1 to 64 letters, digits and any of _+=,.@-`
  if (['IAMUser', 'AssumedRole', 'Role', 'FederatedUser'].includes(userType))
    throw refusal(`The finding's ${member.path} is not the name of a user or role`, why)
  remark(`The finding's ${member.path} is left out: ${why}.`)
  return undefined
}

const PREFIX_OF: Partial<Record<UserType, string>> = { AssumedRole: 'AROA', Role: 'AROA', IAMUser: 'AIDA' }

const remarkOnPrincipal = ({ principalId, userType }: FindingCredential, remark: Remark): void => {
  const prefix = /^(?:AROA|AIDA)(?=[A-Z0-9]+(?:$|:))/.exec(principalId ?? '')?.[0]
  const wanted = PREFIX_OF[userType]
  if (prefix !== undefined && wanted !== undefined && prefix !== wanted)
    remark(
      `The user type is ${userType}, but the principal id ${principalId} is that of a ${prefix === 'AROA' ? 'role' : 'user'}.`,
    )
  const session = roleSessionOf(principalId)?.sessionName
  if (session !== undefined && /^i-[0-9A-Za-z]+$/.test(session) && !isInstanceId(session))
    remark(`The session name ${session} looks like an instance id but is none: these are i- and 8 or 17 digits from 0-9 and a-f.`)
}

/** Whose credentials and which key, validated; a value GuardDuty generated for a sample is kept as it is. */
export const credentialFrom = (members: CredentialMembers, remark: Remark): FindingCredential => {
  const kind = userTypeIn(members.userType)
  const credential = {
    ...kind,
    ...given({
      accessKeyId: accessKeyIn(members.accessKeyId, remark),
      principalId: identifierIn(members.principalId, /^[\w+=,.@:/-]{1,256}$/, 'a principal id'),
      userName: userNameIn(members.userName, kind.userType, remark),
    }),
  }
  remarkOnPrincipal(credential, remark)
  return credential
}

/** The credential of resource.accessKeyDetails, as ordinary findings have it. */
export const credentialOfDetails = (details: Member, remark: Remark): FindingCredential =>
  credentialFrom(
    {
      accessKeyId: at(details, 'accessKeyId'),
      principalId: at(details, 'principalId'),
      userName: at(details, 'userName'),
      userType: at(details, 'userType'),
    },
    remark,
  )
