import { Failure } from '../values/failure.ts'
import { parseStrictJson } from '../values/strict-json.ts'
import { rawText, type Untrusted, untrustedOrNone } from '../values/untrusted.ts'
import type { Finding } from './finding.ts'
import { at, isGenerated, isJsonObject, itemsOf, type Member, type Remark, wordOf } from './member.ts'

const parsedValue = (info: Member, remark: Remark): unknown => {
  const { path, value } = typeof info.value === 'string' ? info : at(info, 'value')
  if (typeof value !== 'string' || value.trim() === '') return value
  try {
    return parseStrictJson(value, `The finding's ${path}`)
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    remark(`${error.message}; it is left out.`)
    return undefined
  }
}

/** The additional information in both its forms: members of an object, and JSON text inside its `Value`, as the API gives it. */
export const additionalInfoOf = (service: Member, remark: Remark): readonly Member[] => {
  const info = at(service, 'additionalInfo')
  return [info, { path: info.path, value: parsedValue(info, remark) }].filter(({ value }) => isJsonObject(value))
}

/** The names of the threat lists that hold the caller's address. The customer chose them. */
export const threatListsOf = (service: Member, info: readonly Member[]): readonly Untrusted[] => {
  const details = itemsOf(at(service, 'evidence', 'threatIntelligenceDetails'))
  const names = [...info, ...details].map((member) => at(member, 'threatListName').value)
  return [...new Set(names)].map(untrustedOrNone).filter((name) => name !== undefined)
}

type Narrowed = Omit<Finding, 'sampleMarks' | 'remarks'>

/** Never a field whose text the caller chooses, such as the user agent: it could make a real finding look like a sample. */
const generatedIn = ({
  accessKeyId,
  principalId,
  userName,
  userTypeAsWritten,
  action,
  threatLists,
}: Narrowed): readonly string[] => {
  const free = [
    userTypeAsWritten,
    action?.api,
    action?.service,
    action?.remote?.country,
    action?.remote?.city,
    action?.remote?.network,
  ]
  const texts = [...free, ...threatLists].filter((text) => text !== undefined).map(rawText)
  return [accessKeyId, principalId, userName, ...texts].filter((text) => text !== undefined).filter(isGenerated)
}

/**
 * Every mark by which a finding is a sample and not a real one ("Sample findings"). Each alone is enough: a title can be
 * rewritten on the way, and old exports have lost the flag.
 */
export const sampleMarksOf = (finding: Narrowed, info: readonly Member[]): readonly string[] => {
  const marks: readonly (readonly [mark: string, found: boolean])[] = [
    ['the title begins with [SAMPLE]', /^\s*\[SAMPLE\]/i.test(finding.title ? rawText(finding.title) : '')],
    ['additionalInfo says sample', info.some((member) => /^true$/i.test(wordOf(at(member, 'sample'))))],
    ['the instance is i-99999999', finding.instanceId === 'i-99999999'],
    [
      'the address is 198.51.100.0',
      finding.action?.remote?.ip === '198.51.100.0' || finding.instancePublicIps.includes('198.51.100.0'),
    ],
    // Outside attack sequences a real user may well have this name.
    ['the user is john_doe', finding.type.startsWith('AttackSequence:') && finding.userName === 'john_doe'],
    ['the account is 000000000000', finding.accountId === '000000000000'],
  ]
  const generated = [...new Set(generatedIn(finding))].map((text) => `it holds ${text}`)
  return [...marks.filter(([, found]) => found).map(([mark]) => mark), ...generated]
}

/**
 * The marks of a document that cannot be read as a finding: old samples have account ids and times that are none. It is refused either way,
 * and as a sample whoever reads it knows that nothing has happened.
 */
export const sampleMarksOfUnread = (document: unknown): readonly string[] => {
  const finding: Member = { path: '', value: document }
  const resource = at(finding, 'resource')
  const details = ['accessKeyId', 'principalId', 'userName'].map((name) => wordOf(at(resource, 'accessKeyDetails', name)))
  const marks: readonly (readonly [mark: string, found: boolean])[] = [
    ['the title begins with [SAMPLE]', /^\s*\[SAMPLE\]/i.test(wordOf(at(finding, 'title')))],
    [
      'additionalInfo says sample',
      additionalInfoOf(at(finding, 'service'), () => {}).some((info) => /^true$/i.test(wordOf(at(info, 'sample')))),
    ],
    ['the instance is i-99999999', wordOf(at(resource, 'instanceDetails', 'instanceId')) === 'i-99999999'],
  ]
  const generated = details.filter(isGenerated).map((text) => `it holds ${text}`)
  return [...marks.filter(([, found]) => found).map(([mark]) => mark), ...generated]
}

/** Why a sample is not responded to, and what to do instead; undefined for a real finding. Takes the finding's `sampleMarks`. */
export const sampleRefusal = (marks: readonly string[]): { readonly why: string; readonly remedy: string } | undefined =>
  marks.length === 0
    ? undefined
    : {
        why: `this is a SAMPLE finding (${marks.join(', ')}): nothing that it describes has happened`,
        remedy: 'to practise, run `ir-cred drill`; to respond, name a real finding (`ir-cred findings` lists them)',
      }
