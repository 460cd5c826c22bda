import { inOrder, serviceOf } from './call-totals.ts'

/** A statement of an identity policy, as IAM writes it. */
export interface GrantedStatement {
  readonly Effect?: string
  readonly Action?: string | readonly string[]
  readonly NotAction?: string | readonly string[]
  readonly Resource?: string | readonly string[]
  readonly NotResource?: string | readonly string[]
  readonly Condition?: object
}

/** A pattern of allowed actions (`s3:Get*`; `!iam:*` is everything but), and what of it was used. */
export interface GrantUse {
  readonly pattern: string
  readonly used: readonly string[]
}

/** A pattern of an explicit Deny, and the actions under it that were tried. */
export interface DenyUse {
  readonly pattern: string
  /** Whether a condition or a resource narrows it: then what it covers is not always forbidden. */
  readonly narrowed: boolean
  readonly tried: readonly string[]
}

/**
 * Why an action was only ever refused, as far as the policies tell: an explicit Deny of everything that it covers, no Allow,
 * an Allow that the boundary does not share; or `elsewhere`, by a resource, a condition, an organization's or a resource's own policy.
 */
export interface MissingGrant {
  readonly action: string
  readonly by: 'deny' | 'no grant' | 'boundary' | 'elsewhere'
}

export interface UsedAndGranted {
  /** Every pattern of an Allow, with the actions that were called under it; none is a right that was not needed. */
  readonly grants: readonly GrantUse[]
  readonly denies: readonly DenyUse[]
  /** Actions that were called with success and that no pattern allows: a resource's own policy did, or the policies were changed since. */
  readonly usedWithoutGrant: readonly string[]
  /** Actions that were called with success and that an explicit Deny forbids by now: it was written since. */
  readonly deniedSince: readonly string[]
  readonly refused: readonly MissingGrant[]
}

type Used = {
  readonly eventSource: string
  readonly api: string
  readonly succeeded: number
  readonly failed: number
}

/**
 * Sets the API methods that were called against the actions that policies allow and deny. Conditions and resources are not
 * weighed; `boundary`, where there is one, grants nothing and is the most that can be granted.
 */
export const usedAndGranted = (
  apis: readonly Used[],
  statements: readonly GrantedStatement[],
  boundary?: readonly GrantedStatement[],
): UsedAndGranted => {
  const succeeded = actionsIn(apis.filter((api) => api.succeeded > 0))
  const tried = actionsIn(apis)
  const worked = new Set(succeeded)
  const allows = patternsOf(statements, 'Allow')
  const denies = patternsOf([...statements, ...(boundary ?? [])], 'Deny')
  const isGranted = covering(allows)
  const isDenied = covering(denies.filter(({ narrowed }) => !narrowed))
  const isWithin = boundary === undefined ? () => true : covering(patternsOf(boundary, 'Allow'))
  const refusalOf = (action: string): MissingGrant['by'] => {
    if (isDenied(action)) return 'deny'
    if (!isGranted(action)) return 'no grant'
    return isWithin(action) ? 'elsewhere' : 'boundary'
  }
  return {
    grants: allows.map(({ pattern, covers }) => ({ pattern, used: succeeded.filter(covers) })),
    denies: denies.map(({ pattern, narrowed, covers }) => ({ pattern, narrowed, tried: tried.filter(covers) })),
    usedWithoutGrant: succeeded.filter((action) => !isGranted(action)),
    deniedSince: succeeded.filter(isDenied),
    refused: tried.filter((action) => !worked.has(action)).map((action) => ({ action, by: refusalOf(action) })),
  }
}

const actionsIn = (apis: readonly Used[]): readonly string[] =>
  [...new Set(apis.flatMap(({ eventSource, api }) => iamActionOf(eventSource, api) ?? []))].sort(inOrder)

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value

interface Pattern {
  readonly pattern: string
  readonly narrowed: boolean
  readonly covers: (action: string) => boolean
}

const covering =
  (patterns: readonly Pattern[]) =>
  (action: string): boolean =>
    patterns.some(({ covers }) => covers(action))

/** The patterns of an effect, each once; one that stands both narrowed and not is not. */
const patternsOf = (statements: readonly GrantedStatement[], effect: string): readonly Pattern[] => {
  const found = new Map<string, Pattern>()
  for (const statement of statements.filter(({ Effect }) => Effect === effect)) {
    for (const pattern of patternsIn(statement)) {
      const before = found.get(pattern.pattern)
      if (before === undefined || before.narrowed) found.set(pattern.pattern, pattern)
    }
  }
  return [...found.values()].sort((a, b) => inOrder(a.pattern, b.pattern))
}

const patternsIn = (statement: GrantedStatement): readonly Pattern[] => {
  const narrowed = isNarrowed(statement)
  if (statement.NotAction === undefined) {
    return listOf(statement.Action).map((pattern) => ({
      pattern,
      narrowed,
      covers: (action) => matchesPattern(pattern, action),
    }))
  }
  const excluded = listOf(statement.NotAction)
  const covers = (action: string): boolean => !excluded.some((pattern) => matchesPattern(pattern, action))
  return [{ pattern: `!${excluded.join(',')}`, narrowed, covers }]
}

/** Whether a statement speaks of less than all resources, or only under a condition. */
const isNarrowed = ({ Resource, NotResource, Condition }: GrantedStatement): boolean => {
  const isForAll = Resource === undefined ? NotResource === undefined : listOf(Resource).includes('*')
  return !isForAll || Object.keys(Condition ?? {}).length > 0
}

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
const PREFIXES: ReadonlyMap<string, string> = new Map([
  ['monitoring', 'cloudwatch'],
  ['tagging', 'tag'],
  ['email', 'ses'],
])

/** Calls that no policy decides about: signing in, and asking who one is. */
const WITHOUT_ACTION: ReadonlySet<string> = new Set(['signin', 'unknown'])
const NEEDS_NO_RIGHT = 'sts:GetCallerIdentity'

/** API methods whose action has another name ("Actions, resources, and condition keys for Amazon S3", "… for AWS Lambda"). */
const ACTIONS: ReadonlyMap<string, string> = new Map([
  ['s3:ListBuckets', 's3:ListAllMyBuckets'],
  ['s3:ListObjects', 's3:ListBucket'],
  ['s3:ListObjectsV2', 's3:ListBucket'],
  ['s3:HeadBucket', 's3:ListBucket'],
  ['s3:ListObjectVersions', 's3:ListBucketVersions'],
  ['s3:HeadObject', 's3:GetObject'],
  ['s3:CopyObject', 's3:PutObject'],
  ['s3:CreateMultipartUpload', 's3:PutObject'],
  ['s3:CompleteMultipartUpload', 's3:PutObject'],
  ['s3:UploadPart', 's3:PutObject'],
  ['s3:UploadPartCopy', 's3:PutObject'],
  ['s3:DeleteObjects', 's3:DeleteObject'],
  ['s3:GetBucketEncryption', 's3:GetEncryptionConfiguration'],
  ['s3:GetBucketLifecycle', 's3:GetLifecycleConfiguration'],
  ['s3:GetBucketReplication', 's3:GetReplicationConfiguration'],
  ['s3:GetBucketCors', 's3:GetBucketCORS'],
  ['s3:PutBucketLifecycle', 's3:PutLifecycleConfiguration'],
  ['s3:PutBucketReplication', 's3:PutReplicationConfiguration'],
  ['s3:PutBucketEncryption', 's3:PutEncryptionConfiguration'],
  ['s3:DeleteBucketPublicAccessBlock', 's3:PutBucketPublicAccessBlock'],
  ['lambda:Invoke', 'lambda:InvokeFunction'],
])

/** The IAM action that an API method needs; undefined for one that needs none. */
export const iamActionOf = (eventSource: string, eventName: string): string | undefined => {
  const service = serviceOf(eventSource)
  if (WITHOUT_ACTION.has(service)) return undefined
  const name = eventName.replace(/20\d{2}_?[01]\d_?[0-3]\d(?:v\d)?$/, '')
  if (`${service}:${name}` === NEEDS_NO_RIGHT) return undefined
  return ACTIONS.get(`${service}:${name}`) ?? `${PREFIXES.get(service) ?? service}:${name}`
}
