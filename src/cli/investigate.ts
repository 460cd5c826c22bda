import type { ActivityState } from '../activity/analysis/activity-fold.ts'
import { openGeography, placesOf } from '../activity/geography/geography.ts'
import { conclude } from '../activity/investigation.ts'
import { type Question, questionOf, type ScopeName, type TimeRange } from '../activity/question.ts'
import { progressText, type SourceProgress } from '../activity/source.ts'
import { plus } from '../incident/instant.ts'
import { makeProgressLine } from '../terminal/progress-line.ts'
import { usableWidth } from '../terminal/width.ts'
import type { Edge } from './edge.ts'
import { withEnding } from './end-run.ts'
import { EXIT } from './exit-code.ts'
import { canRedraw } from './faces.ts'
import type { Host } from './host.ts'
import { scopeOf } from './investigate-scope.ts'
import { needsAws, openSource, type SourceOptions } from './investigate-source.ts'
import { earlyLines, tellJson, tellPerson } from './investigate-tell.ts'
import { type WhomOptions, whomOf } from './investigate-whom.ts'
import { askWitnesses } from './investigate-witnesses.ts'
import { printAthenaTable, type TableOptions } from './print-athena-table.ts'

export interface InvestigateOptions extends SourceOptions, TableOptions, WhomOptions {
  readonly since?: string
  readonly until?: string
  readonly scope?: ScopeName
  readonly baselineDays?: number
  readonly wholeAccount?: boolean
  readonly geoip?: string
  readonly asn?: string
  readonly input?: boolean
}

/** `ir-cred investigate`: what somebody did, by CloudTrail's word from any source, and by that of other witnesses. Reads only. */
export const investigateCommand = (host: Host, options: InvestigateOptions): Promise<number> =>
  withEnding(host, options, 'ir-cred investigate', () => investigate(host, options))

const investigate = async (host: Host, options: InvestigateOptions): Promise<number> => {
  if (options.printAthenaTable !== undefined) return printAthenaTable(host, options)
  const edge = needsAws(options) ? await openEdge(host, options) : undefined
  const whom = await whomOf(host, options, edge)
  const witnesses = await askWitnesses(host, options, whom, edge)
  const scope = scopeOf(options, witnesses.findings)
  const question = questionFor(whom.principal, scope, options)
  const geography = await openGeography({
    known: witnesses.findings.flatMap(({ action }) => (action?.remote ? [action.remote] : [])),
    ...(options.geoip ? { countryDatabase: options.geoip } : {}),
    ...(options.asn ? { asnDatabase: options.asn } : {}),
  })
  const source = await openSource(host, options, edge)
  const progress = progressOn(host, options)
  const range = rangeOf(question)
  const gathered = await source.read(
    { questions: [question], followChildren: true, range },
    { signal: host.signal, progress: (read) => progress.show(read), early: progress.early },
  )
  progress.clear()
  const { ownAddresses, revoked } = whom
  const found = await conclude(question, gathered, { places: placesOf(geography), ownAddresses, ...(revoked ? { revoked } : {}) })
  const testimony = await witnesses.testimonyOn(found)
  if (options.json) tellJson(host, found, testimony)
  else await tellPerson(host, options, found, testimony)
  await source.keep?.(range, (kept) => progress.show(kept, 'kept for the next question: '))
  progress.clear()
  return EXIT.finished
}

const openEdge = async (host: Host, options: InvestigateOptions): Promise<Edge> => {
  const { openLive } = await import('./live.ts')
  return openLive(host, options, { heard: () => {} })
}

const questionFor = (principal: Question['principal'], scope: TimeRange, options: InvestigateOptions): Question => {
  const { baselineDays, wholeAccount } = options
  return questionOf(principal, {
    scope,
    ...(baselineDays === undefined ? {} : { baselineDays }),
    ...(wholeAccount ? { wholeAccount } : {}),
  })
}

const DAY = 86_400

/** The scope, and the baseline before it. */
const rangeOf = ({ scope: { from, until }, baselineDays }: Question): TimeRange => ({
  ...(from ? { from: plus(from, -baselineDays * DAY) } : {}),
  ...(until ? { until } : {}),
})

const progressOn = (host: Host, options: InvestigateOptions) => {
  const shown = options.quiet !== true && canRedraw(host, { ...options, json: false })
  const line = makeProgressLine(host.stderr, () => usableWidth(host.stdout.columns ?? 0))
  return {
    /** `what` stands before the numbers. */
    show: (progress: SourceProgress, what = ''): void => {
      if (shown) line.show(` ${what}${progressText(progress)}`)
    },
    /** The first calls of a reading that takes long: for a person, who waits. */
    early: (question: Question, state: ActivityState): void => {
      if (options.json || options.quiet) return
      line.clear()
      host.stderr.write(`${earlyLines(question, state, usableWidth(host.stdout.columns ?? 0)).join('\n')}\n`)
    },
    clear: line.clear,
  }
}
