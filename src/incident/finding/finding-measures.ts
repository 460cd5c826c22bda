import { given } from '../values/given.ts'
import { type Instant, isBefore, parseInstant } from '../values/instant.ts'
import { quoted } from '../values/quoted.ts'
import type { Finding } from './finding.ts'
import { at, filledText, type Member, type Remark, refusal, wordOf } from './member.ts'

const GUARDDUTY_BEGAN = '2017-11-28T00:00:00Z' as Instant

const whyNoInstant = (text: string): string => {
  if (/^\d{9,}$/.test(text)) return 'that is an epoch number'
  if (/(?:Z|[+-]\d{2}:\d{2})$/.test(text) && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/.test(text)) return 'there is no such moment'
  if (/^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(?:\.\d+)?$/.test(text)) return 'it has no time zone'
  return 'that is not RFC 3339'
}

const momentAt = (finding: Member, ...names: readonly string[]): Instant | undefined => {
  const member = at(finding, ...names)
  const text = typeof member.value === 'number' ? String(member.value) : filledText(member)
  if (text === undefined) return undefined
  const instant = typeof member.value === 'string' ? parseInstant(text) : undefined
  if (instant !== undefined) return instant
  const why = `it holds ${quoted(member.value)}: ${typeof member.value === 'number' ? 'that is an epoch number' : whyNoInstant(text)}`
  throw refusal(
    `The finding's ${member.path} is not a time`,
    why,
    'A time is written as RFC 3339 with its zone, such as 2026-11-25T02:14:07Z.',
  )
}

const requiredMoment = (finding: Member, name: string): Instant => {
  const instant = momentAt(finding, name)
  if (instant === undefined) throw refusal(`The finding has no ${at(finding, name).path}`, 'there is nothing in its place')
  return instant
}

const severityIn = (finding: Member, remark: Remark): number => {
  const { path, value } = at(finding, 'severity')
  const severity = typeof value === 'string' && /^\d{1,2}(?:\.\d{1,4})?$/.test(value) ? Number(value) : value
  if (typeof severity !== 'number' || !Number.isFinite(severity))
    throw refusal(`The finding's ${path} is not a number`, `there is ${quoted(value)} in its place`)
  if (typeof value === 'string') remark(`The severity is written as text, ${quoted(value)}, and was read as a number.`)
  if (severity < 1 || severity > 10) remark(`The severity ${severity} lies outside GuardDuty's scale of 1 to 10.`)
  return severity
}

const countIn = (service: Member, remark: Remark): number => {
  const { value } = at(service, 'count')
  if (typeof value === 'number' && Number.isSafeInteger(value) && value > 0) return value
  if (value !== undefined) remark(`The count of occurrences is not usable (${quoted(value)}) and is taken as 1.`)
  return 1
}

const archivedIn = (service: Member, remark: Remark): boolean => {
  const member = at(service, 'archived')
  const word = wordOf(member)
  if (member.value !== undefined && !['true', 'false'].includes(word))
    remark(`Whether the finding is archived is written as ${quoted(member.value)}, and was read as no.`)
  return word === 'true'
}

type Measures = Pick<Finding, 'severity' | 'count' | 'archived' | 'createdAt' | 'updatedAt' | 'firstSeen' | 'lastSeen'>

const remarkOnOrder = ({ createdAt, updatedAt, firstSeen, lastSeen }: Measures, remark: Remark): void => {
  if (isBefore(updatedAt, createdAt)) remark(`The finding was updated (${updatedAt}) before it was created (${createdAt}).`)
  if (firstSeen && lastSeen && isBefore(lastSeen, firstSeen))
    remark(`The activity was last seen (${lastSeen}) before it was first seen (${firstSeen}).`)
  if (isBefore(createdAt, GUARDDUTY_BEGAN)) remark(`The finding was created ${createdAt}, before GuardDuty existed.`)
}

/** How grave, how often and when. Times are UTC instants. */
export const measuresOf = (finding: Member, remark: Remark): Measures => {
  const service = at(finding, 'service')
  const measures = {
    severity: severityIn(finding, remark),
    count: countIn(service, remark),
    archived: archivedIn(service, remark),
    createdAt: requiredMoment(finding, 'createdAt'),
    updatedAt: requiredMoment(finding, 'updatedAt'),
    ...given({ firstSeen: momentAt(service, 'eventFirstSeen'), lastSeen: momentAt(service, 'eventLastSeen') }),
  }
  remarkOnOrder(measures, remark)
  return measures
}
