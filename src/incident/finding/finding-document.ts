import { given } from '../values/given.ts'
import { quoted } from '../values/quoted.ts'
import { parseStrictJson } from '../values/strict-json.ts'
import { untrustedOrNone } from '../values/untrusted.ts'
import type { Finding } from './finding.ts'
import { findingActionOf } from './finding-action.ts'
import { credentialOfDetails } from './finding-credential.ts'
import { isJsonLines, unwrapFindings } from './finding-envelope.ts'
import { findingIdentityOf } from './finding-identity.ts'
import { instanceOf, remarkOnConflict } from './finding-instance.ts'
import { measuresOf } from './finding-measures.ts'
import { additionalInfoOf, sampleMarksOf, threatListsOf } from './finding-sample.ts'
import { credentialOfSequence, endpointsOfSequence, instanceOfSequence } from './finding-sequence.ts'
import { at, isJsonObject, type Member, objectAt, type Remark, refusal, refusePlaceholder, wordOf } from './member.ts'

/**
 * The findings in a parsed document of any shape people have: a finding, a list, the output of get-findings, an EventBridge
 * event, SNS and SQS messages with JSON text inside, or another wrapper around these. They are not narrowed yet.
 * At least one; throws a Failure of kind 'usage' when there is none, and for documents of other services, which it names.
 */
export const findingsIn = (json: unknown): readonly unknown[] => unwrapFindings(json)

/** As `findingsIn`, from a file's text: JSON, or JSON lines as GuardDuty exports them to S3. `name` is what the file is called. */
export const findingsInText = (text: string, name: string): readonly unknown[] => {
  if (!isJsonLines(text)) return findingsIn(parseStrictJson(text, name))
  const lines = text.split('\n').map((line, index) => ({ line, name: `Line ${index + 1} of ${name}` }))
  return findingsIn(lines.filter(({ line }) => line.trim() !== '').map(({ line, name }) => parseStrictJson(line, name)))
}

const REQUIRED = ['id', 'type', 'accountId', 'region', 'severity', 'createdAt', 'updatedAt']

const demandMembers = (finding: Member): void => {
  if (!isJsonObject(finding.value)) throw refusal('The finding is not a JSON object', `it is ${quoted(finding.value)}`)
  const missing = REQUIRED.map((name) => at(finding, name)).filter(({ value }) => value === undefined || value === '')
  if (missing.length === 0) return
  const found = Object.keys(finding.value).slice(0, 20).map(quoted).join(', ')
  throw refusal(
    `The finding has no ${missing.map(({ path }) => path).join(' and no ')}`,
    `it has ${found === '' ? 'no members' : found}`,
  )
}

const IDENTIFIERS = [
  ...REQUIRED.map((name) => [name]),
  ...['accessKeyId', 'principalId', 'userName', 'userType'].map((name) => ['resource', 'accessKeyDetails', name]),
  ['resource', 'instanceDetails', 'instanceId'],
]

/** A template is refused before anything else that is wrong with it. Free text is not checked: a caller may choose a user agent with `${…}`. */
const refuseTemplate = (finding: Member): void => {
  for (const names of IDENTIFIERS) refusePlaceholder(at(finding, ...names))
}

const EXAMPLE_ACCOUNTS = ['123456789012', '111122223333']

const remarkOnSurroundings = (finding: Member, accountId: string, remark: Remark): void => {
  if (EXAMPLE_ACCOUNTS.includes(accountId)) remark(`${accountId} is the account id of AWS's documentation.`)
  const sequence = at(finding, 'associatedAttackSequenceArn').value
  if (typeof sequence === 'string' && /^arn:aws[\w:/.-]{1,300}$/.test(sequence))
    remark(`The finding is part of the attack sequence ${sequence}.`)
  if (at(finding, 'service', 'userFeedback').value === 'NOT_USEFUL') remark('Somebody marked the finding as not useful.')
}

/** What is compromised, from where the kind of finding keeps it. */
const subjectOf = (finding: Member, accessKeyId: string | undefined, remark: Remark) => {
  const resource = objectAt(finding, 'resource')
  const details = objectAt(resource, 'accessKeyDetails')
  const isSequence = details.value === undefined && /^AttackSequence:/.test(wordOf(at(finding, 'type')))
  const subject = isSequence
    ? subjectOfSequence(finding, accessKeyId, remark)
    : { ...credentialOfDetails(details, remark), ...instanceOf(objectAt(resource, 'instanceDetails')) }
  remarkOnConflict(subject.principalId, subject.instanceId, remark)
  return subject
}

const subjectOfSequence = (finding: Member, accessKeyId: string | undefined, remark: Remark) => {
  const credential = credentialOfSequence(finding, accessKeyId, remark)
  const endpoints = endpointsOfSequence(finding, credential, remark)
  return { ...credential, ...instanceOfSequence(finding, remark), ...endpoints, instancePublicIps: [] }
}

const formIn = (finding: Member): Finding['writtenAs'] => {
  const { value } = at(finding, 'writtenAs')
  return value === 'ASFF' || value === 'OCSF' ? value : undefined
}

/**
 * Reads one finding strictly, in the API's case (`AccountId`), EventBridge's (`accountId`) or a mix. `accessKeyId` chooses the
 * actor of an attack sequence that has several. Throws a Failure of kind 'usage' naming the member that is missing or wrong;
 * what is odd but harmless stands in `remarks`. A sample is read like any other finding and has `sampleMarks`.
 */
export const narrowFinding = (document: unknown, accessKeyId?: string): Finding => {
  const remarks: string[] = []
  const remark: Remark = (sentence) => remarks.push(sentence)
  const finding: Member = { path: '', value: document }
  refuseTemplate(finding)
  demandMembers(finding)
  const service = objectAt(finding, 'service')
  objectAt(service, 'action')
  const info = additionalInfoOf(service, remark)
  const identity = findingIdentityOf(finding, remark)
  const narrowed = {
    ...identity,
    ...given({
      writtenAs: formIn(finding),
      title: untrustedOrNone(at(finding, 'title').value),
      description: untrustedOrNone(at(finding, 'description').value),
    }),
    ...measuresOf(finding, remark),
    ...subjectOf(finding, accessKeyId, remark),
    ...findingActionOf(service, remark),
    threatLists: threatListsOf(service, info),
  }
  remarkOnSurroundings(finding, identity.accountId, remark)
  return { ...narrowed, sampleMarks: sampleMarksOf(narrowed, info), remarks }
}
