import { inOrder, serviceOf } from './tally.ts'

/** A statement of an identity policy, as IAM writes it. */
export interface GrantedStatement {
  readonly Effect?: string
  readonly Action?: string | readonly string[]
  readonly NotAction?: string | readonly string[]
}

/** A pattern of allowed actions (`s3:Get*`), and what of it was used. */
export interface GrantUse {
  readonly pattern: string
  readonly used: readonly string[]
}

export interface UsedAndGranted {
  /** Every pattern of an Allow, with the actions that were called under it; none is a right that was not needed. */
  readonly grants: readonly GrantUse[]
  /** Actions that were called with success and that no pattern allows: a resource's own policy did, or the policies were changed since. */
  readonly usedWithoutGrant: readonly string[]
  /** Actions that were only ever refused. */
  readonly refused: readonly string[]
}

type Used = {
  readonly eventSource: string
  readonly api: string
  readonly succeeded: number
  readonly failed: number
}

/** Sets the API methods that were called against the actions that policies allow. Conditions and resources are not weighed. */
export const usedAndGranted = (apis: readonly Used[], statements: readonly GrantedStatement[]): UsedAndGranted => {
  const succeeded = actionsIn(apis.filter((api) => api.succeeded > 0))
  const tried = actionsIn(apis)
  const allows = statements.filter(({ Effect }) => Effect === 'Allow')
  const patterns = [...new Set(allows.flatMap(patternsOf))].sort(inOrder)
  return {
    grants: patterns.map((pattern) => ({ pattern, used: succeeded.filter((action) => isAllowedBy(pattern, action)) })),
    usedWithoutGrant: succeeded.filter((action) => !patterns.some((pattern) => isAllowedBy(pattern, action))),
    refused: tried.filter((action) => !succeeded.includes(action)),
  }
}

const actionsIn = (apis: readonly Used[]): readonly string[] =>
  [...new Set(apis.flatMap(({ eventSource, api }) => actionOf(eventSource, api) ?? []))].sort(inOrder)

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value

/** A NotAction allows all but its patterns: it is written as one pattern with an exclamation mark. */
const patternsOf = ({ Action, NotAction }: GrantedStatement): readonly string[] =>
  NotAction === undefined ? listOf(Action) : [`!${listOf(NotAction).join(',')}`]

const isAllowedBy = (pattern: string, action: string): boolean =>
  pattern.startsWith('!')
    ? !pattern
        .slice(1)
        .split(',')
        .some((excluded) => matchesPattern(excluded, action))
    : matchesPattern(pattern, action)

/** Whether an action matches a pattern with `*` and `?`, whatever the case. Without RegExp: the pattern may be anybody's. */
export const matchesPattern = (pattern: string, action: string): boolean => {
  const wanted = pattern.toLowerCase()
  const given = action.toLowerCase()
  let star = -1
  let retry = 0
  let p = 0
  let g = 0
  while (g < given.length) {
    if (wanted[p] === '*') {
      star = p
      p += 1
      retry = g
    } else if (p < wanted.length && (wanted[p] === '?' || wanted[p] === given[g])) {
      p += 1
      g += 1
    } else if (star >= 0) {
      p = star + 1
      retry += 1
      g = retry
    } else return false
  }
  return /^\**$/.test(wanted.slice(p))
}

/** Services whose actions have another prefix than their events ("Service Authorization Reference"). */
const PREFIXES: Readonly<Record<string, string>> = {
  monitoring: 'cloudwatch',
  tagging: 'tag',
  email: 'ses',
}

/** Calls that no policy decides about: signing in, and asking who one is. */
const WITHOUT_ACTION: ReadonlySet<string> = new Set(['signin', 'unknown'])
const NEEDS_NO_RIGHT = 'sts:GetCallerIdentity'

/** API methods whose action has another name ("Actions, resources, and condition keys for Amazon S3", "… for AWS Lambda"). */
const ACTIONS: Readonly<Record<string, string>> = {
  's3:ListBuckets': 's3:ListAllMyBuckets',
  's3:ListObjects': 's3:ListBucket',
  's3:ListObjectsV2': 's3:ListBucket',
  's3:HeadBucket': 's3:ListBucket',
  's3:ListObjectVersions': 's3:ListBucketVersions',
  's3:HeadObject': 's3:GetObject',
  's3:CopyObject': 's3:PutObject',
  's3:CreateMultipartUpload': 's3:PutObject',
  's3:CompleteMultipartUpload': 's3:PutObject',
  's3:UploadPart': 's3:PutObject',
  's3:UploadPartCopy': 's3:PutObject',
  's3:DeleteObjects': 's3:DeleteObject',
  's3:GetBucketEncryption': 's3:GetEncryptionConfiguration',
  's3:GetBucketLifecycle': 's3:GetLifecycleConfiguration',
  's3:GetBucketReplication': 's3:GetReplicationConfiguration',
  's3:GetBucketCors': 's3:GetBucketCORS',
  's3:PutBucketLifecycle': 's3:PutLifecycleConfiguration',
  's3:PutBucketReplication': 's3:PutReplicationConfiguration',
  's3:PutBucketEncryption': 's3:PutEncryptionConfiguration',
  's3:DeleteBucketPublicAccessBlock': 's3:PutBucketPublicAccessBlock',
  'lambda:Invoke': 'lambda:InvokeFunction',
}

/** The IAM action that an API method needs; undefined for one that needs none. */
export const actionOf = (eventSource: string, eventName: string): string | undefined => {
  const service = serviceOf(eventSource)
  if (WITHOUT_ACTION.has(service)) return undefined
  const name = eventName.replace(/20\d{2}_?[01]\d_?[0-3]\d(?:v\d)?$/, '')
  if (`${service}:${name}` === NEEDS_NO_RIGHT) return undefined
  return ACTIONS[`${service}:${name}`] ?? `${PREFIXES[service] ?? service}:${name}`
}
