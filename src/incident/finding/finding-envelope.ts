import { quoted } from '../values/quoted.ts'
import { parseStrictJson } from '../values/strict-json.ts'
import { isJsonObject, refusal } from './member.ts'
import { fromAsff, fromOcsf, isAsff, isOcsf } from './security-hub.ts'

const DEEPEST = 12
const SHOWN = 12

/** Members of messages (SNS, SQS, Step Functions …) that carry a document as text. */
const CARRIERS: ReadonlySet<string> = new Set(['message', 'body', 'default', 'input', 'payload', 'event', 'data'])

const TELLING = [
  'id',
  'type',
  'severity',
  'accountid',
  'resource',
  'service',
  'region',
  'schemaversion',
  'createdat',
  'updatedat',
  'arn',
]

const FOREIGN: readonly (readonly [members: readonly string[], what: string, remedy: string])[] = [
  [['eventversion', 'eventname'], 'a CloudTrail record', 'CloudTrail records can be read with: `ir-cred investigate --logs`.'],
  [['resourcesaffected'], 'an Amazon Macie finding', 'ir-cred reads GuardDuty findings.'],
  [['inspectorscore'], 'an Amazon Inspector finding', 'ir-cred reads GuardDuty findings.'],
  [['findingids'], 'only a list of finding ids', 'Fetch the findings with: aws guardduty get-findings.'],
]

const namesOf = (object: object): readonly string[] => Object.keys(object).map((key) => key.toLowerCase())

const looksLikeFinding = (names: readonly string[]): boolean =>
  (names.includes('type') || names.includes('severity')) &&
  !names.includes('detail') &&
  TELLING.filter((name) => names.includes(name)).length >= 3

const refuseForeign = (names: readonly string[]): void => {
  const found = FOREIGN.find(([members]) => members.every((member) => names.includes(member)))
  if (found)
    throw refusal(`This is ${found[1]}, not a GuardDuty finding`, 'ir-cred reads findings as GuardDuty writes them', found[2])
}

const inText = (text: string, path: string, depth: number): readonly unknown[] =>
  /^\s*[[{]/.test(text) ? search(parseStrictJson(text, `The JSON text in ${path}`), path, depth + 1) : []

const inMember = (key: string, value: unknown, path: string, depth: number): readonly unknown[] => {
  const inner = path === '' ? key : `${path}.${key}`
  if (typeof value === 'string') return CARRIERS.has(key.toLowerCase()) ? inText(value, quotedPath(inner), depth) : []
  return search(value, inner, depth + 1)
}

const quotedPath = (path: string): string => (/^[\w.[\]-]+$/.test(path) ? path : quoted(path))

const search = (value: unknown, path: string, depth: number): readonly unknown[] => {
  if (depth > DEEPEST) return []
  if (Array.isArray(value)) return value.flatMap((item, index) => search(item, `${path}[${index}]`, depth + 1))
  if (!isJsonObject(value)) return []
  const names = namesOf(value)
  if (isAsff(names)) return [fromAsff(value, path)]
  if (isOcsf(names)) return [fromOcsf(value, path)]
  refuseForeign(names)
  if (looksLikeFinding(names)) return [value]
  return Object.entries(value).flatMap(([key, member]) => inMember(key, member, path, depth))
}

const isEmpty = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0

const outline = (subject: string, json: unknown): string => {
  if (isEmpty(json)) return `${subject} is an empty ${Array.isArray(json) ? 'list' : 'object'}`
  if (Array.isArray(json)) return outline('it is a list, and its first element', json[0])
  if (!isJsonObject(json)) return `${subject} is ${quoted(json)}`
  const members = Object.entries(json).map(([key, value]) => `${quoted(key)}${isEmpty(value) ? ' (empty)' : ''}`)
  const more = members.length > SHOWN ? ` and ${members.length - SHOWN} more` : ''
  return `${subject} has the members ${members.slice(0, SHOWN).join(', ')}${more}`
}

/**
 * The findings in a document of any shape people have: a finding, a list, the output of get-findings (`Findings`), an
 * EventBridge event (`detail`), SNS and SQS messages with JSON text inside, or another wrapper around these; and GuardDuty's findings as
 * Security Hub (ASFF) and Security Lake (OCSF) write them. At least one; throws a Failure of kind 'usage' when there is none, and for documents of other services, which it names.
 */
export const unwrapFindings = (json: unknown): readonly unknown[] => {
  const found = typeof json === 'string' ? inText(json, 'the file', 0) : search(json, '', 0)
  if (found.length > 0) return found
  throw refusal('There is no GuardDuty finding in it', outline('it', json))
}

/**
 * Whether a text is JSON lines, each a finding, as GuardDuty exports them to S3. The first line decides: the last one may be
 * cut off, and is then refused by its number.
 */
export const isJsonLines = (text: string): boolean => {
  const [first = '', second] = text.replace(/^\uFEFF/, '').split(/\n\s*/, 2)
  return second !== undefined && second !== '' && /^\s*\{.*\}\s*$/.test(first)
}
