import { notReadSentences } from '../../../aws/every-region.ts'
import { unreadReason } from '../../../aws/failure.ts'
import type { FoundFinding } from '../../../incident/facts/facts.ts'
import type { Finding } from '../../../incident/finding/finding.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { given } from '../../../incident/values/given.ts'
import type { Context } from '../../stage.ts'
import { doubtsAbout } from './doubtful.ts'
import { type Gaps, search } from './search.ts'

/** Why a finding of GuardDuty and the records of a key's calls are not about one session; undefined where they are. Pure. */
const disputeOver = (
  reported: Finding,
  guardDutys: Finding,
  other = 'CloudTrail’s records of its calls say',
): string | undefined => {
  if (sameSession(reported, guardDutys)) return undefined
  return `GuardDuty’s finding ${guardDutys.id} says that ${reported.accessKeyId ?? 'the key'} belongs to ${sessionWords(guardDutys)}; ${other} ${sessionWords(reported)}`
}

/** What GuardDuty leaves out contradicts nothing. */
const sameSession = (reported: Finding, { accountId, userName, principalId }: Finding): boolean =>
  reported.accountId === accountId &&
  (userName === undefined || reported.userName === userName) &&
  (principalId === undefined || reported.principalId === principalId)

const sessionWords = ({ principalId = 'an unnamed session', userName = 'an unnamed role', accountId }: Finding): string =>
  `${principalId} of ${userName} in account ${accountId}`

/**
 * What becomes of a report when GuardDuty has been asked about its key: GuardDuty's finding takes its place where all of them name its
 * session; one that does not disputes it. Without a finding, or where GuardDuty cannot be read, the report stands, with a remark, and so
 * does the dispute of an earlier run.
 */
export const comparedWithGuardDuty = async (
  { finding: reported }: FoundFinding,
  context: Context,
): Promise<(found: FoundFinding) => FoundFinding> => {
  const gaps: Gaps = { unreadable: [], notRead: [] }
  const remarked = (...why: readonly string[]) => {
    const remarks = [...why, ...notReadSentences('GuardDuty', gaps.notRead)]
    return (found: FoundFinding): FoundFinding => ({
      ...found,
      finding: { ...found.finding, remarks: [...new Set([...found.finding.remarks, ...remarks])] },
    })
  }
  try {
    const { accessKeyId } = reported
    if (accessKeyId === undefined) return remarked(NO_FINDING)
    const found = await search({ by: 'access-key-id', accessKeyId }, context, gaps, { all: true })
    const real = found.filter(({ finding }) => finding.sampleMarks.length === 0)
    const [disputed] = real.flatMap(({ finding }) => disputeOver(reported, finding) ?? [])
    if (disputed !== undefined) return (fact) => ({ ...fact, disputed })
    const own = real.find(({ finding }) => finding.principalId !== undefined) ?? real[0]
    if (!own) {
      const unreadable = gaps.unreadable.map(({ id, why }) => `GuardDuty’s finding ${id} cannot be read: ${why}`)
      const why = unreadable.length > 0 ? unreadable : [gaps.notRead.length > 0 ? NONE_WHERE_READ : NO_FINDING]
      const calls = await callsOf(reported, context)
      return (found) => remarked(...why)({ ...found, finding: calls(found.finding) })
    }
    const doubts = doubtsAbout(own.finding, context.now()).map(({ says }) => says)
    const finding = { ...own.finding, remarks: [...own.finding.remarks, ...doubts] }
    const document = await context.keep('finding', own.raw)
    return ({ disputed: _, ...fact }) => ({ ...fact, finding, document, source: 'guardduty' })
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return remarked(...(gaps.notRead.length > 0 ? [] : [`GuardDuty could not be asked about this key: ${error.what}`]))
  }
}

/**
 * The calls of a long-term key that IAM named before CloudTrail answered: the race for the deny takes what comes first, and what the key
 * did is not lost by that.
 */
const callsOf = async (reported: Finding, context: Context): Promise<(finding: Finding) => Finding> => {
  const { accessKeyId, count } = reported
  if (accessKeyId === undefined || count > 0) return (finding) => finding
  const { reportedKey } = await import('./reported-key.ts')
  const { found, notRead } = await reportedKey(accessKeyId, { aws: context.aws, regions: context.regions })
  const calls = found && sameSession(reported, found.finding) ? found.finding : undefined
  const unread = notReadSentences('CloudTrail', calls ? [] : notRead)
  return (finding) => ({
    ...finding,
    ...(calls && { createdAt: calls.createdAt, updatedAt: calls.updatedAt, count: calls.count }),
    ...(calls && given({ firstSeen: calls.firstSeen, lastSeen: calls.lastSeen, action: calls.action })),
    remarks: [...finding.remarks, ...unread],
  })
}

const FORMS = { ASFF: 'Security Hub’s form (ASFF)', OCSF: 'the OCSF form' } as const

/**
 * What becomes of a finding that Security Hub or Security Lake wrote down when GuardDuty is asked for the original: it takes the place of
 * what was given, or disputes it. Where GuardDuty does not return it, what was given stands; a remark says which.
 */
export const originalOfFinding = async (
  { finding: written }: FoundFinding,
  context: Context,
): Promise<(found: FoundFinding) => FoundFinding> => {
  const form = FORMS[written.writtenAs ?? 'ASFF']
  const remarked = (why: string) => (found: FoundFinding) => ({
    ...found,
    finding: { ...found.finding, remarks: [...new Set([...found.finding.remarks, why])] },
  })
  try {
    // Neither form has the actors of an attack sequence: the key says which of them is responded to.
    const { id, arn = id, accessKeyId } = written
    const asked = { by: 'finding-id' as const, id: arn, ...given({ accessKeyId }) }
    const [original] = await search(asked, context, { unreadable: [], notRead: [] })
    if (!original) return remarked(`GuardDuty does not return this finding: ${form} is all that is known of it`)
    const { finding, raw } = original
    const disputed = disputeOver(written, finding, `${form} says`)
    if (disputed !== undefined) return (fact) => ({ ...fact, disputed })
    const remarks = [...finding.remarks, `GuardDuty’s own finding takes the place of ${form}`]
    const document = await context.keep('finding', raw)
    return (fact) => ({ ...fact, finding: { ...finding, remarks }, document, source: 'guardduty' })
  } catch (error) {
    const why = error instanceof Failure ? error.what : unreadReason(error)
    if (why === undefined) throw error
    return remarked(`GuardDuty’s own finding could not be read (${why}): ${form} is all that is known of it`)
  }
}

const NO_FINDING = 'no finding: reported by you. GuardDuty has none about this key (yet)'
const NONE_WHERE_READ = 'GuardDuty has no finding about this key in the Regions that could be read'
