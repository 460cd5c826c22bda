import { isSecret } from '../incident/values/quoted.ts'
import { redactText } from '../incident/values/redaction/redact-text.ts'
import { OUTBOUND_TOKEN_NAMES } from './outbound-tokens.ts'

export type Json = Readonly<Record<string, unknown>>

/** Members whose values are secrets, or stand for one: signatures of presigned addresses, passwords, key material. */
const SECRET_NAME =
  /secret(?!id|arn|name|list|version)|token|passw|passphrase|private_?key|key_?material|plaintext|signature|authorization|x-amz-credential|userdata|user_data/i
/** Names that only sound like it. */
const HARMLESS_NAME = /^(?:httpTokens|tokenType|signatureVersion|passwordResetRequired|passwordPolicy|tokenIssueTime)$/i
/** A secret inside a longer text: a policy, a script, an address. */
const SECRET_IN_TEXT =
  /(?:IQoJ|FwoG|FQoG|AQoD)[\w/+%=-]{16,}|(?:session_?token|secret_?access_?key|x-amz-security-token)["'\\]*\s*[:=]/i

const DEPTH = 12

/**
 * A copy of request parameters or response elements in which every secret is an empty text: what stands under a telling
 * name, and what looks like one; a secret inside a longer text is redacted there. CloudTrail itself writes the session tokens of AssumeRole and its like into the record.
 */
export const withoutSecrets = (value: unknown, depth = DEPTH): unknown => {
  if (typeof value === 'string') return isSecret(value) || SECRET_IN_TEXT.test(value) ? '' : redactText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return ''
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, depth - 1))
  const kept: Record<string, unknown> = {}
  for (const [name, inner] of Object.entries(value)) {
    const secret = SECRET_NAME.test(name) && !HARMLESS_NAME.test(name)
    // A member of this name would change the object itself.
    if (name !== '__proto__') kept[name] = secret ? '' : withoutSecrets(inner, depth - 1)
  }
  return kept
}

/** Calls that hand out credentials, or let somebody into the console with those they have. */
export const TOKEN_ISSUES: ReadonlySet<string> = new Set([
  'AssumeRole',
  'AssumeRoleWithSAML',
  'AssumeRoleWithWebIdentity',
  'AssumeRoot',
  'GetSessionToken',
  'GetFederationToken',
  'GetSigninToken',
  'GetRoleCredentials',
  'ConsoleLogin',
  'SwitchRole',
])

export const isTokenIssue = (eventName: string): boolean => TOKEN_ISSUES.has(eventName)

const READS =
  /^(?:Get|List|Describe|Head|Lookup|BatchGet|BatchDescribe|Search|Query|Scan|Select|Check|Test|Validate|Preview|Estimate|Simulate)/

/** Reads after which something is left all the same: a secret that its reader still knows. */
const TELLING_READS = new Set(['GetSecretValue', 'BatchGetSecretValue'])

/** Whether what a call asked for, and what it got, is worth keeping: it may have changed something, or handed out credentials. */
export const keepsParameters = (eventName: string, readOnly: boolean | undefined): boolean =>
  isTokenIssue(eventName) ||
  OUTBOUND_TOKEN_NAMES.has(eventName) ||
  TELLING_READS.has(eventName) ||
  !(readOnly ?? READS.test(eventName))

const DATA_EVENTS =
  /^s3:(?:(?:Get|Put|Delete|Head|Copy|List|Restore|Select)Objects?(?:V2|Versions|Acl|Tagging|Content|Attributes|Torrent)?|UploadPart(?:Copy)?|\w+MultipartUpload|ListParts)$|^lambda:Invoke$|^dynamodb:(?:(?:Batch)?(?:Get|Put|Update|Delete|Write)Item|Query|Scan)$/

/** CloudTrail's categories of events ("CloudTrail record contents", eventCategory). */
export type EventCategory = 'management' | 'data' | 'network' | 'insight'

const CATEGORIES = new Map<unknown, EventCategory>([
  ['Management', 'management'],
  ['Data', 'data'],
  ['NetworkActivity', 'network'],
  ['Insight', 'insight'],
])

/** The category of an event; records older than eventVersion 1.07 do not say it, so their API tells. */
export const categoryOf = (record: Json, eventSource: string, eventName: string): EventCategory => {
  const said = CATEGORIES.get(record.eventCategory)
  if (said) return said
  const management = typeof record.managementEvent === 'object' ? '' : String(record.managementEvent)
  if (management === 'false') return 'data'
  if (management === 'true') return 'management'
  return DATA_EVENTS.test(`${eventSource.split('.', 1)[0]}:${eventName}`) ? 'data' : 'management'
}
