import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import { partitionOf } from '../../incident/values/partition.ts'
import { type AccountIdentity, RESPONDER } from './standard-account.ts'

type Members = Readonly<Record<string, unknown>>

/** What a finding file tells about the account to build. Whatever it leaves out is filled in by the builder. */
export interface FindingFile {
  /** The document in the API's spelling. */
  readonly document: Members
  readonly identity: Partial<AccountIdentity>
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

const apiSpelling = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(apiSpelling)
  if (!isMembers(value)) return value
  const entries = Object.entries(value).filter(([, member]) => member !== null)
  return Object.fromEntries(
    entries.map(([name, member]) => {
      const spelled = upperFirst(name)
      return [spelled, spelled === 'AdditionalInfo' ? additionalInfo(member) : apiSpelling(member)]
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

const refuseUnfit = (document: Members): void => {
  if (textAt(document, 'Type') === undefined) throw unusable('it has no type')
  if (/^\[SAMPLE\]/.test(textAt(document, 'Title') ?? '') || JSON.stringify(document).includes('GeneratedFinding')) {
    throw unusable('it is a sample finding, and its names are placeholders')
  }
  if (!isMembers(at(document, 'Resource', 'AccessKeyDetails'))) {
    throw unusable(`a finding of type ${textAt(document, 'Type')} names no access key`)
  }
  const userType = textAt(document, 'Resource', 'AccessKeyDetails', 'UserType') ?? 'AssumedRole'
  if (userType !== 'AssumedRole') throw unusable(`its principal is of type ${userType}, not a role’s session`)
  const region = textAt(document, 'Region')
  if (region !== undefined && !partitionOf(region)) throw unusable(`${region} is not a Region of a known partition`)
}

const sessionOf = (principalId: string | undefined): { roleId?: string; subjectInstanceId?: string } => {
  if (principalId === undefined) return {}
  const [roleId = '', session = ''] = principalId.split(':')
  if (!INSTANCE.test(session)) throw unusable(`its session ${session} is not that of an EC2 instance`)
  return { roleId, subjectInstanceId: session }
}

const withoutUndefined = <T extends object>(members: { [K in keyof T]: T[K] | undefined }): Partial<T> =>
  Object.fromEntries(Object.entries(members).filter(([, member]) => member !== undefined)) as Partial<T>

const identityIn = (document: Members): Partial<AccountIdentity> => {
  const key = at(document, 'Resource', 'AccessKeyDetails')
  const session = sessionOf(textAt(key, 'PrincipalId'))
  const accessKeyId = textAt(key, 'AccessKeyId')
  if (accessKeyId !== undefined && !/^ASIA[A-Z0-9]{12,28}$/.test(accessKeyId)) {
    throw unusable(`${accessKeyId} is not a temporary access key`)
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

const ADDRESS = /^\d{1,3}(\.\d{1,3}){3}$/

/**
 * Reads a parsed finding document in API or EventBridge spelling, bare or wrapped. Throws a Failure of kind usage when no
 * account can be built around it: a sample, an attack sequence, a user's key, a session that is not an instance's.
 */
export const readFindingFile = (parsed: unknown): FindingFile => {
  const inner = unwrapped(parsed)
  if (!isMembers(inner)) throw unusable('the file holds no finding')
  const document = apiSpelling(inner) as Members
  refuseUnfit(document)
  const interfaces = at(document, 'Resource', 'InstanceDetails', 'NetworkInterfaces')
  const remote = at(document, 'Service', 'Action', 'AwsApiCallAction', 'RemoteIpDetails', 'IpAddressV4')
  const publicIp = matching(textAt(interfaces, 0, 'PublicIp'), ADDRESS)
  const remoteIp = matching(typeof remote === 'string' ? remote : undefined, ADDRESS)
  return {
    document,
    identity: identityIn(document),
    ...given({ publicIp, remoteIp }),
  }
}
