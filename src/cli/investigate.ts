import { volumeOf } from '../activity/analysis/volume.ts'
import { windowActivity } from '../activity/analysis/window-activity.ts'
import { openGeography } from '../activity/geography/geography.ts'
import { type Principal, questionOf, type TimeRange } from '../activity/question.ts'
import { investigationBlocks } from '../activity/sections.ts'
import { progressText } from '../activity/source.ts'
import { Failure } from '../incident/failure.ts'
import { isBefore, parseInstant, plus } from '../incident/instant.ts'
import { asciiJson } from '../incident/show.ts'
import { makeProgressLine } from '../terminal/progress-line.ts'
import { renderBlocks } from '../terminal/render-blocks.ts'
import { makeTheme } from '../terminal/theme.ts'
import { browseVolume } from '../terminal/volume-browser.ts'
import { volumeChart } from '../terminal/volume-chart.ts'
import { volumeBlocks } from '../terminal/volume-table.ts'
import { usableWidth } from '../terminal/width.ts'
import { withEnding } from './end-run.ts'
import { EXIT } from './exit-code.ts'
import { canRedraw, isInteractive } from './faces.ts'
import type { Host } from './host.ts'
import { keepForNextTime, openSource, type SourceOptions } from './investigate-source.ts'
import { conclude, type Investigation, lineOf } from './investigation.ts'
import { printable } from './options.ts'
import { printAthenaTable, type TableOptions } from './print-athena-table.ts'

export interface InvestigateOptions extends SourceOptions, TableOptions {
  readonly accessKeyId?: string
  readonly role?: string
  readonly session?: string
  readonly instanceId?: string
  readonly ip?: string
  readonly user?: string
  readonly since?: string
  readonly until?: string
  readonly baselineDays?: number
  readonly wholeAccount?: boolean
  readonly geoip?: string
  readonly asn?: string
  readonly input?: boolean
}

/** `ir-cred investigate`: what somebody did, from AWS's event history or from log files. Reads only. */
export const investigateCommand = (host: Host, options: InvestigateOptions): Promise<number> =>
  withEnding(host, options, 'ir-cred investigate', () => investigate(host, options))

const investigate = async (host: Host, options: InvestigateOptions): Promise<number> => {
  if (options.printAthenaTable !== undefined) return printAthenaTable(host, options)
  const principal = principalOf(options)
  const scope = scopeOf(options)
  const { baselineDays, wholeAccount, geoip, asn } = options
  const question = questionOf(principal, {
    scope,
    ...(baselineDays === undefined ? {} : { baselineDays }),
    ...(wholeAccount ? { wholeAccount } : {}),
  })
  const geography = await openGeography({
    known: [],
    ...(geoip ? { countryDatabase: geoip } : {}),
    ...(asn ? { asnDatabase: asn } : {}),
  })
  const source = await openSource(host, options)
  const progress = progressOn(host, options)
  const oldest = scope.from ? { from: plus(scope.from, -question.baselineDays * 86_400) } : {}
  const range: TimeRange = { ...oldest, ...(scope.until ? { until: scope.until } : {}) }
  const gathered = await source.read(
    { questions: [question], followChildren: true, range },
    { signal: host.signal, progress: progress.show },
  )
  progress.clear()
  const found = await conclude(question, gathered, geography)
  if (options.json) tellJson(host, found)
  else await tellPerson(host, options, found, geography.source)
  await keepForNextTime(host, options, range)
  return EXIT.finished
}

const SELECTORS = ['accessKeyId', 'role', 'session', 'instanceId', 'ip', 'user'] as const
const KINDS: Readonly<Record<(typeof SELECTORS)[number], Principal['kind']>> = {
  accessKeyId: 'access-key-id',
  role: 'role',
  session: 'session',
  instanceId: 'instance-id',
  ip: 'ip',
  user: 'user',
}
const NAME_ONE = 'name one: --access-key-id, --role, --session, --instance-id, --ip or --user'

const principalOf = (options: InvestigateOptions): Principal => {
  const given = SELECTORS.filter((name) => options[name] !== undefined)
  const [name, ...others] = given
  const value = name && options[name]
  if (!name || value === undefined || value.trim() === '')
    throw new Failure({ kind: 'usage', what: 'nobody to investigate was named', remedy: NAME_ONE })
  if (others.length > 0) throw new Failure({ kind: 'usage', what: 'more than one to investigate was named', remedy: NAME_ONE })
  if (!/^[\x21-\x7e]{1,2048}$/.test(value)) {
    throw new Failure({ kind: 'usage', what: `"${printable(value)}" is not what CloudTrail would write`, remedy: NAME_ONE })
  }
  return { kind: KINDS[name], value }
}

const scopeOf = ({ since, until }: InvestigateOptions): TimeRange => {
  const from = since === undefined ? undefined : timeOf('--since', since)
  const end = until === undefined ? undefined : timeOf('--until', until)
  if (from && end && !isBefore(from, end)) {
    throw new Failure({ kind: 'usage', what: '--since is not before --until', remedy: 'exchange them' })
  }
  return { ...(from ? { from } : {}), ...(end ? { until: end } : {}) }
}

const timeOf = (flag: string, text: string) => {
  const instant = parseInstant(text)
  if (instant) return instant
  throw new Failure({
    kind: 'usage',
    what: `${flag} "${printable(text)}" is not a time`,
    remedy: 'write it as 2026-11-25T02:00:00Z',
  })
}

const progressOn = (host: Host, options: InvestigateOptions) => {
  const shown = options.quiet !== true && canRedraw(host, { ...options, json: false })
  const line = makeProgressLine(host.stderr, () => usableWidth(host.stdout.columns ?? 0))
  return {
    show: (progress: Parameters<typeof progressText>[0]): void => {
      if (shown) line.show(` ${progressText(progress)}`)
    },
    clear: line.clear,
  }
}

const tellJson = ({ stdout }: Host, found: Investigation): void => {
  stdout.write(`${asciiJson(lineOf(found))}\n`)
  const nothing = { incident: '', writes: 0, unproven: found.incomplete, alarms: [] }
  stdout.write(`${asciiJson({ type: 'ended', ending: 'completed', exitCode: EXIT.finished, ...nothing })}\n`)
}

const CHART_LINES = 8

const tellPerson = async (host: Host, options: InvestigateOptions, found: Investigation, places: string): Promise<void> => {
  const width = usableWidth(host.stdout.columns ?? 0)
  const redraws = canRedraw(host, options)
  const theme = makeTheme(redraws && !host.env.NO_COLOR)
  const volume = volumeOf(found.counted)
  const setting = { width, indent: 1, theme, viewpoint: {} }
  const chart = redraws ? volumeChart(volume, { width, height: CHART_LINES }, theme) : renderBlocks(volumeBlocks(volume), setting)
  const lines = [...renderBlocks(investigationBlocks(found, places), setting), '', ...chart]
  host.stdout.write(`${lines.join('\n')}\n`)
  if (!redraws || !isInteractive(host, options)) return
  const desk = {
    input: host.stdin,
    output: host.stderr,
    signal: host.signal,
    columns: () => host.stdout.columns ?? 80,
    rows: () => 24,
    colour: !host.env.NO_COLOR,
  }
  await browseVolume(desk, { volume, activity: (window) => windowActivity(found.counted, window) } as Parameters<
    typeof browseVolume
  >[1])
}
