import { notReadSentences } from '../../../aws/every-region.ts'
import { unreadReason } from '../../../aws/failure.ts'
import { isDrill, type Request } from '../../../incident/entry.ts'
import type { FoundFinding } from '../../../incident/facts/facts.ts'
import { type Finding, severityWords } from '../../../incident/finding/finding.ts'
import { findingsInText, narrowFinding } from '../../../incident/finding/finding-document.ts'
import { Failure } from '../../../incident/values/failure.ts'
import { arnOf, findingArnOf, roleOfArn } from '../../../incident/values/identifiers.ts'
import type { Instant } from '../../../incident/values/instant.ts'
import { quotedPath } from '../../../incident/values/quoted.ts'
import { detectorIn, getFindings, type ReadFinding } from '../../../investigation/enrichment/guardduty/findings-query.ts'
import { type Blocked, blocked, type Context } from '../../stage.ts'
import { confirmDoubtful, doubtsAbout, withoutCredentials } from './doubtful.ts'
import { isReport, lookFor, newerThan } from './look.ts'
import { noneReadable, noSuchFinding } from './not-found.ts'
import { reportOf, settledReport, withReason } from './report.ts'
import type { Gaps } from './search.ts'

/** A finding and the document it was read from; no document where it was not read again. */
interface KnownFinding extends Pick<FoundFinding, 'source' | 'report' | 'unsettled'> {
  readonly finding: Finding
  readonly raw: unknown
}

type Chosen = KnownFinding & ReadFinding

/** By what an answers file chooses among several findings, by their ids. */
export const WHICH_FINDING = 'Which finding do you respond to?'

/**
 * The finding that was asked for, with what speaks against it among its remarks; or why there is none, that none of several was
 * chosen, or that a doubtful one was not confirmed.
 */
export const chosenFinding = async (context: Context): Promise<Chosen | Blocked> => {
  const chosen = await choice(context)
  if ('status' in chosen) return chosen
  const none = chosen.source === 'reported' ? undefined : withoutCredentials(chosen.finding)
  if (none) return none
  const doubts = doubtsAbout(chosen.finding, context.now())
  const declined = await confirmDoubtful(chosen.finding, doubts, context)
  if (declined) return declined
  const remarks = [...chosen.finding.remarks, ...doubts.map(({ says }) => says)]
  return { ...chosen, finding: { ...chosen.finding, remarks } }
}

const choice = async (context: Context): Promise<Chosen | Blocked> => {
  const { request } = context
  const elsewhere = otherAccount(request, context)
  if (elsewhere) return elsewhere
  const gaps: Gaps = { unreadable: [], notRead: [] }
  const { candidates, source } =
    request.by === 'file' ? { candidates: fromFile(request), source: 'file' as const } : await lookFor(request, context, gaps)
  for (const one of gaps.unreadable) context.progress(`finding ${one.id} in ${one.region} cannot be read: ${one.why}`)
  for (const sentence of notReadSentences('GuardDuty', gaps.notRead)) context.progress(sentence)
  if (candidates.length === 0)
    return gaps.unreadable.length > 0 ? noneReadable(gaps.unreadable) : noSuchFinding(request, gaps, context)
  const [first, ...others] = candidates
  if (source === 'reported' && first && isReport(request)) {
    const report = await withReason(reportOf(request), context)
    return { ...(await settledReport([first, ...others], report, gaps.reportPartial ?? [], context)), source }
  }
  const isDoubtful = ({ finding }: ReadFinding): boolean => doubtsAbout(finding, context.now()).length > 0
  const only = candidates.find((one) => !isDoubtful(one)) ?? candidates[0]
  const waits = request.by === 'list' && context.findingWait > 0
  if (candidates.length === 1 && only && !waits) return { ...only, source }
  if (request.by !== 'list' && request.by !== 'file' && only && sameKey(candidates)) return { ...only, source }
  const chosen = await oneOf(candidates, context, waits)
  if (chosen || !waits) return chosen ? { ...chosen, source } : noneChosen(candidates, context)
  const newer = await newerThan(candidates, request, context, gaps)
  const [newest, ...older] = newer
  if (newest && older.length === 0) return { ...newest, source }
  const fresh = newest && (sameKey(newer) ? newest : await oneOf(newer, context, false))
  return fresh ? { ...fresh, source } : noneChosen(newest ? newer : candidates, context)
}

const samplesLast = (candidates: readonly ReadFinding[]): readonly ReadFinding[] =>
  [...candidates].sort((a, b) => a.finding.sampleMarks.length - b.finding.sampleMarks.length)

/** The finding that the responder chooses; with `waits`, to wait for a newer one can be chosen too. */
const oneOf = async (candidates: readonly ReadFinding[], context: Context, waits: boolean): Promise<ReadFinding | undefined> => {
  const options = samplesLast(candidates).map((one) => option(one, context.now()))
  const id = await context.choose({ what: WHICH_FINDING, options: waits ? [...options, WAIT_FOR_NEWER] : options })
  return candidates.find(({ finding }) => finding.id === id)
}

const WAIT_FOR_NEWER = { id: 'wait', label: ['none of these: wait for a newer finding'] }

const noneChosen = (candidates: readonly ReadFinding[], { setting, findingWait }: Context): Blocked =>
  blocked(
    candidates.length === 1
      ? 'one finding matches, and it was not chosen'
      : `${candidates.length} findings match, and none was chosen${findingWait > 0 ? '; no newer one appeared' : ''}`,
    isDrill(setting)
      ? 'run the drill again (`ir-cred drill`) and choose one'
      : `name one: \`ir-cred respond ${samplesLast(candidates)[0]?.finding.id ?? '<finding id>'}\` (\`ir-cred findings\` lists them all)`,
    'declined',
  )

/**
 * The finding of an incident that goes on, as GuardDuty has it now. Where GuardDuty cannot be asked or has it no longer (it keeps
 * findings for 90 days), the incident's own stands, with a remark that says so.
 */
export const sameFinding = async ({ finding, source }: FoundFinding, context: Context): Promise<KnownFinding> => {
  if (source !== 'guardduty') return { finding, source, raw: undefined }
  const as = (why: string): KnownFinding => ({
    finding: { ...finding, remarks: [...new Set([...finding.remarks, why])] },
    source,
    raw: undefined,
  })
  try {
    const detector = await detectorIn(context, finding.region)
    const read = (raw: unknown) => narrowFinding(raw, finding.accessKeyId)
    const [now] = detector ? await getFindings(context, finding.region, detector, [finding.id], read) : []
    return now ? { ...now, source } : as('GuardDuty does not return this finding any more; this is what it was')
  } catch (error) {
    if (error instanceof Failure)
      return as(`GuardDuty returns this finding, and ir-cred cannot read it (${error.what}); this is what it was`)
    const why = unreadReason(error)
    if (why === undefined) throw error
    return as(`this finding could not be read again: GuardDuty ${why}; this is what it was`)
  }
}

/** What was named by the ARN of another account: one of the same name here is another one. */
const otherAccount = (request: Request, { setting: { accountId, partition } }: Context): Blocked | undefined => {
  const arn = request.by === 'finding-id' ? request.id : 'arn' in request ? request.arn : undefined
  const named = arn === undefined ? undefined : (roleOfArn(arn) ?? findingArnOf(arn) ?? arnOf(arn))
  if (!named || (named.accountId === accountId && named.partition === partition)) return undefined
  return blocked(
    `${arn} is in account ${named.accountId} (${named.partition}), and your credentials are for account ${accountId} (${partition})`,
    `use credentials for account ${named.accountId} (${named.partition}): --profile, or --assume-role with a role of that account`,
  )
}

const sameKey = (candidates: readonly ReadFinding[]): boolean =>
  new Set(candidates.map(({ finding }) => finding.accessKeyId)).size === 1

/** One line for each finding; its time has no year and no seconds, so that the line fits the screen. */
const option = ({ finding }: ReadFinding, now: Instant) => {
  const seen = finding.lastSeen ?? finding.updatedAt
  const whose = finding.userName ?? finding.accessKeyId ?? 'unknown'
  const sample = finding.sampleMarks.length > 0 ? 'SAMPLE ' : ''
  const doubts = doubtsAbout(finding, now).map(({ mark }) => `${mark} `)
  return {
    id: finding.id,
    label: [
      `${seen.slice(5, 10)} ${seen.slice(11, 16)}Z  ${severityWords(finding).split(' ', 1)[0]}  ${whose}  ${sample}${doubts.join('')}${finding.type}`,
    ],
  }
}

/** One unreadable finding of a file does not hide the others; when none can be read, the failure is the first one's. */
const fromFile = ({ name, text, accessKeyId }: Request & { by: 'file' }): readonly ReadFinding[] => {
  const read: ReadFinding[] = []
  let fault: Failure | undefined
  for (const raw of findingsInText(text, quotedPath(name))) {
    try {
      read.push({ finding: narrowFinding(raw, accessKeyId), raw })
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      fault ??= error
    }
  }
  if (read.length === 0 && fault) throw fault
  return read
}
