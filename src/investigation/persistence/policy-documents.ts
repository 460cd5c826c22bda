import { lastPart } from '../../incident/values/identifiers.ts'
import type { CloudTrailRecord } from '../record.ts'
import { eventKeyOf } from './rules.ts'
import { accountOfRecord, isGlobal } from './undo-events.ts'

/** An event that writes a whole document over the one that stood there. */
interface DocumentRule {
  /** What has the document: events of one kind write over each other. */
  readonly object: string
  /** The members of the request that name it. */
  readonly names: readonly string[]
  /** The member that holds the document. */
  readonly document: string
}

const rule = (object: string, names: readonly string[], document = 'policyDocument'): DocumentRule => ({
  object,
  names,
  document,
})

const DOCUMENT_RULES: ReadonlyMap<string, DocumentRule> = new Map([
  ['iam:PutRolePolicy', rule('inline policy of a role', ['roleName', 'policyName'])],
  ['iam:PutUserPolicy', rule('inline policy of a user', ['userName', 'policyName'])],
  ['iam:PutGroupPolicy', rule('inline policy of a group', ['groupName', 'policyName'])],
  ['iam:UpdateAssumeRolePolicy', rule('trust policy', ['roleName'])],
  ['iam:CreateRole', rule('trust policy', ['roleName'], 'assumeRolePolicyDocument')],
  ['iam:CreatePolicyVersion', rule('managed policy', ['policyArn'])],
  ['s3:PutBucketPolicy', rule('bucket policy', ['bucketName'], 'bucketPolicy')],
  ['kms:PutKeyPolicy', rule('key policy', ['keyId'], 'policy')],
  ['secretsmanager:PutResourcePolicy', rule('policy of a secret', ['secretId'], 'resourcePolicy')],
])

const NAMES: ReadonlySet<string> = new Set([...DOCUMENT_RULES.keys()].map((event) => event.slice(event.indexOf(':') + 1)))

/** The names of the events that write a document. */
export const DOCUMENT_EVENT_NAMES: readonly string[] = [...NAMES]

/** Whether an API of this name, of whatever service, may write a document. */
export const mayWriteDocument = (eventName: string): boolean => NAMES.has(eventName)

/** Whose document an event wrote: the same for two events of which the later one writes over the other's. Undefined for any other event. */
export const documentOwnerOf = (record: CloudTrailRecord): string | undefined => {
  const { eventSource, eventName, outcome, request = {}, region } = record
  const written = DOCUMENT_RULES.get(eventKeyOf(eventSource, eventName))
  if (!written || outcome !== 'ok' || !hasContent(request[written.document])) return undefined
  const names = written.names.map((name) => request[name]).map((name) => (typeof name === 'string' ? lastPart(name) : ''))
  // A bucket's name is the same in every Region.
  const place = isGlobal(record) || written.object === 'bucket policy' ? '' : region
  return names.includes('') ? undefined : [written.object, accountOfRecord(record) ?? '', place, ...names].join('\n')
}

const hasContent = (value: unknown): boolean =>
  typeof value === 'string' ? value !== '' : typeof value === 'object' && value !== null
