import { given } from './given.ts'

/**
 * The forms of AWS identifiers, each in one place ("IAM identifiers" and "Identify AWS resources with ARNs").
 * The functions take any text and give undefined (or false) for another form; none throws.
 */

/** What the first four characters of a unique id say that it belongs to ("IAM identifiers: Unique identifiers"). */
const OWNERS: Readonly<Record<string, string>> = {
  AROA: 'a role',
  AIDA: 'a user',
  AIPA: 'an instance profile',
  AGPA: 'a user group',
  ANPA: 'a managed policy',
  ANVA: 'a version of a managed policy',
  APKA: 'a public key',
  ASCA: 'a certificate',
}

/** Credentials that are no access key: they are not revoked the way a session or an access key is. */
const OTHER_CREDENTIALS: Readonly<Record<string, string>> = {
  ABIA: 'an STS service bearer token',
  ACCA: 'a context-specific credential',
}

/** What a unique id belongs to, such as "a role" for `AROA…`; undefined for access keys and for anything else. */
export const uniqueIdOwner = (text: string): string | undefined => OWNERS[text.slice(0, 4)]

/** What kind of credential an id names that is no access key, such as an STS service bearer token (`ABIA…`). */
export const otherCredential = (text: string): string | undefined => OTHER_CREDENTIALS[text.slice(0, 4)]

/** An access key id: `AKIA…` (long-term) or `ASIA…` (temporary), 20 capital letters and digits. */
export const isAccessKeyId = (text: string): boolean => /^(?:AKIA|ASIA)[A-Z0-9]{16}$/.test(text)

/** Whether a text begins like an access key id and may be one that was cut or is too long. */
export const beginsLikeKeyId = (text: string): boolean => /^(?:AKIA|ASIA)[A-Z0-9]*$/.test(text)

/** An access key id anywhere in a text, also of a length that AWS does not give today. For the cost to be linear it begins at a word. */
export const KEY_ID_IN_TEXT = /\b(?:AKIA|ASIA)[A-Z0-9]{12,28}(?![A-Z0-9])/

/** A session token anywhere in a text, percent-encoded too: how AWS’s begin, and what they hold. */
export const SESSION_TOKEN_IN_TEXT = /(?:IQoJ|FwoG|FQoG|AQoD)[\w+/=%-]{16,}/

/** The id of a temporary access key: `ASIA…`. */
export const isTemporaryKeyId = (text: string): boolean => /^ASIA[A-Z0-9]{16}$/.test(text)

/** As wide as the IAM API's own pattern for access key ids: 16 to 128 letters and digits of any prefix. */
export const couldBeKeyId = (text: string): boolean => /^[A-Za-z0-9]{16,128}$/.test(text)

/** Any unique id that IAM gives a principal, such as `AROA…` or `AIDA…`. */
export const isUniqueId = (text: string): boolean => /^A[A-Z]{3}[A-Z0-9]{12,}$/.test(text)

/** An account id: 12 digits, leading zeros kept. */
export const isAccountId = (text: string): boolean => /^\d{12}$/.test(text)

/** The id of an EC2 instance: `i-` and 8 or 17 digits from 0-9 and a-f. */
export const isInstanceId = (text: string): boolean => /^i-(?:[0-9a-f]{8}|[0-9a-f]{17})$/.test(text)

/** The id of a managed node outside EC2 (`mi-…`), which EC2 can neither stop nor start. */
export const isManagedNodeId = (text: string): boolean => /^mi-[0-9a-f]{17}$/.test(text)

/** A role's name, without its path: at most 64 letters, digits and `+=,.@_-`. */
export const isRoleName = (text: string): boolean => /^[\w+=,.@-]{1,64}$/.test(text)

/** What stands after the last slash or colon of an ARN or a path: the name of the thing itself. */
export const lastPart = (name: string): string => name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf(':')) + 1)

/** The parts of an ARN, `arn:partition:service:region:account:resource`. Region and account may be empty. */
export interface Arn {
  readonly partition: string
  readonly service: string
  readonly region: string
  readonly accountId: string
  readonly resource: string
}

/** The parts of an ARN; undefined for a text of another form. */
export const arnOf = (text: string): Arn | undefined => {
  const parts = /^arn:(aws[\w-]*):([\w-]+):([\w-]*):(\d{12}|aws)?:(.+)$/s.exec(text)
  if (!parts) return undefined
  const [, partition = '', service = '', region = '', accountId = '', resource = ''] = parts
  return { partition, service, region, accountId, resource }
}

/** The account that an ARN, or an account id by itself, names. */
export const accountNamedBy = (text: string): string | undefined => {
  const account = isAccountId(text) ? text : arnOf(text)?.accountId
  return account !== undefined && isAccountId(account) ? account : undefined
}

/** A role as an ARN names it. A session's ARN has the session's name, and no path: STS leaves the path out. */
export interface RoleName {
  readonly partition: string
  readonly accountId: string
  readonly roleName: string
  /** With slashes at both ends, as IAM has it; absent in a session's ARN. */
  readonly path?: string
  readonly sessionName?: string
}

/** The role of a role's ARN (`…:iam::123456789012:role/path/name`) or of a session's (`…:sts::123456789012:assumed-role/name/session`). */
export const roleOfArn = (text: string): RoleName | undefined => {
  const arn = arnOf(text)
  if (!arn || !isAccountId(arn.accountId) || arn.region !== '') return undefined
  const { partition, accountId, resource } = arn
  const role = /^role(\/(?:[\x21-\x2e\x30-\x7e]+\/)*)([\w+=,.@-]{1,64})$/.exec(resource)
  if (arn.service === 'iam' && role) return { partition, accountId, path: role[1] ?? '/', roleName: role[2] ?? '' }
  const session = /^assumed-role\/([\w+=,.@-]{1,64})(?:\/([\w+=,.@-]{2,64}))?$/.exec(resource)
  if (arn.service !== 'sts' || !session) return undefined
  const [, roleName = '', sessionName] = session
  return { partition, accountId, roleName, ...given({ sessionName }) }
}

/** The user of a user's ARN (`…:iam::123456789012:user/path/name`). */
export const userOfArn = (
  text: string,
): { readonly partition: string; readonly accountId: string; readonly userName: string } | undefined => {
  const arn = arnOf(text)
  const name = /^user\/(?:[\x21-\x2e\x30-\x7e]+\/)*([\w+=,.@-]{1,64})$/.exec(arn?.resource ?? '')?.[1]
  if (arn?.service !== 'iam' || arn.region !== '' || !isAccountId(arn.accountId) || name === undefined) return undefined
  return { partition: arn.partition, accountId: arn.accountId, userName: name }
}

/**
 * The session's name, and the role's where it is a role session, of a principal's ARN as CloudTrail records it (CloudTrail userIdentity element).
 * Takes names of any characters: a record of another account's trail is read, not judged.
 */
export const sessionNamedBy = (
  arn: string | undefined,
): { readonly roleName?: string; readonly sessionName: string } | undefined => {
  const [, roleName, sessionName] = /:(?:assumed-role\/([^/]+)|federated-user)\/(.+)$/s.exec(arn ?? '') ?? []
  if (sessionName === undefined) return undefined
  return roleName === undefined ? { sessionName } : { roleName, sessionName }
}

/** Whether an ARN names a role rather than a user or a session. */
export const isRoleArn = (text: string | undefined): boolean => text?.includes(':role/') === true

/** The role's unique id and the session's name of a principal id such as `AROAEXAMPLE:session`; undefined for other principals. */
export const roleSessionOf = (
  principalId: string | undefined,
): { readonly roleId: string; readonly sessionName?: string } | undefined => {
  const parts = /^(AROA\w+)(?::(.+))?$/s.exec(principalId ?? '')
  if (!parts) return undefined
  const [, roleId = '', sessionName] = parts
  return { roleId, ...given({ sessionName }) }
}

/** The instance that a role session is named after. EC2 names its sessions so, but whoever assumes a role chooses the name. */
export const instanceNamedBy = (principalId: string | undefined): string | undefined => {
  const name = roleSessionOf(principalId)?.sessionName
  return name !== undefined && isInstanceId(name) ? name : undefined
}

/** The id of a GuardDuty finding: 32 digits from 0-9 and a-f. */
export const isFindingId = (text: string): boolean => /^[0-9a-f]{32}$/.test(text)

/** What a finding's ARN says (`…:guardduty:region:account:detector/id/finding/id`). */
export interface FindingArn {
  readonly partition: string
  readonly region: string
  readonly accountId: string
  readonly detectorId: string
  readonly findingId: string
}

/** The parts of a GuardDuty finding's ARN; undefined for a text of another form. */
export const findingArnOf = (text: string): FindingArn | undefined => {
  const arn = arnOf(text)
  const ids = /^detector\/([0-9A-Za-z]+)\/finding\/([\w.-]+)$/.exec(arn?.resource ?? '')
  if (arn?.service !== 'guardduty' || arn.region === '' || !isAccountId(arn.accountId) || !ids) return undefined
  const { partition, region, accountId } = arn
  return { partition, region, accountId, detectorId: ids[1] ?? '', findingId: ids[2] ?? '' }
}

/** A universally unique id in its usual spelling, in small letters. */
export const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
