import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Behaviour } from '../../../src/simulator/account/account.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import type { Fault } from '../../../src/simulator/wire/message.ts'
import { answers } from '../../faults/kinds.ts'
import type { Document } from '../../investigation/records.ts'
import { buildQuick, changesIn } from '../../laws/whole-run.ts'
import { ranCommandLine } from '../../support/run-command-line.ts'
import { type MemoryRan, type MemoryRun, plainYes, runInMemory } from '../../support/run-in-memory.ts'

/** A scenario with days of history instead of weeks, and one Region: a third of the calls. */
export const smallAccount = async (scenario?: string, behaviour: Partial<Behaviour> = {}): Promise<BuiltScenario> => {
  const built = await buildQuick(scenario, { historyDays: 3, ...behaviour })
  Object.assign(built.account, { enabledRegions: [built.account.region] })
  return built
}

/** A response to an account that was prepared, with everything approved unless it is said otherwise. */
export interface Responded extends MemoryRan {
  readonly built: BuiltScenario
  /** What was changed, by operation. */
  readonly changes: Readonly<Record<string, number>>
  /** All that was shown, as one text. */
  readonly shown: string
  /** What was done, in a few words. */
  readonly deeds: string
}

/** Stages that most traps are not about. */
const ASIDE = ['investigate-session', 'trace-activity', 'hunt-persistence']

/** Runs the runbook without the stages that most traps are not about; `skip: []` runs all of it. */
export const respondTo = async (
  account: BuiltScenario | Promise<BuiltScenario>,
  parts: Partial<MemoryRun> = {},
): Promise<Responded> => {
  const built = await account
  const ran = await runInMemory({ built, proofWait: 0, responder: plainYes, skip: ASIDE, ...parts })
  const shown = JSON.stringify(ran.events.filter(({ type }) => type === 'described' || type === 'progress'))
  return { ...ran, built, changes: changesIn(built), shown, deeds: deedsOf(ran, built) }
}

/** What an answer is replaced by, before the responder sees it. */
export const replacing = (wanted: string, replace: (body: string) => string): Fault =>
  answers(wanted, async (_, next) => {
    const response = await next()
    return { ...response, body: replace(String(response.body)) }
  })

/** What a response did: its changes, what it left out, its verdict, why it stopped, its first alarm, its exit code. */
const deedsOf = ({ result }: MemoryRan, built: BuiltScenario): string => {
  const changed = Object.entries(changesIn(built)).map(([operation, times]) =>
    times === 1 ? operation : `${operation} ×${times}`,
  )
  const left = Object.entries(result.incident.decided).flatMap(([stage, { how }]) =>
    how === 'skipped' ? [] : [`${stage} ${how}`],
  )
  const { rotation } = result.incident.facts
  return [
    changed.length > 0 ? changed.join(', ') : 'no change',
    ...(left.length > 0 ? [left.join(', ')] : []),
    ...(rotation ? [`rotation ${rotation.verdict}`] : []),
    ...(result.failure ? [inShort(result.failure.why ?? result.failure.what)] : []),
    ...result.alarms.slice(0, 1).map((alarm) => `alarm: ${inShort(alarm)}`),
    `exit ${result.exitCode}`,
  ].join('; ')
}

/** The beginning of a sentence. */
export const inShort = (sentence: string, length = 110): string =>
  sentence.length > length ? `${sentence.slice(0, length).replace(/\s+\S*$/, '')} …` : sentence

/** What an investigation gave, as a script gets it. */
export interface Investigated {
  readonly code: number | null
  // biome-ignore lint/suspicious/noExplicitAny: the shape is that of docs/events.schema.json, and each trap looks at a member of it
  readonly activity: any
  readonly text: string
  readonly stderr: string
}

const HOME = { HOME: '/nonexistent', PATH: '/usr/bin:/bin', TZ: 'UTC' }

/** Investigates files by the command line: the files by name, their texts, and the command's arguments. */
export const investigate = async (files: Readonly<Record<string, string>>, args: readonly string[]): Promise<Investigated> => {
  const folder = mkdtempSync(join(tmpdir(), 'ir-cred-trap-'))
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
    const env = { ...HOME, XDG_STATE_HOME: folder }
    const asked = ['investigate', '--logs', folder, ...args]
    const { code, stdout, stderr } = await ranCommandLine(asked, { env })
    const [activity] = stdout.split('\n').flatMap((line) => (line.includes('"type":"activity"') ? [JSON.parse(line)] : []))
    return { code, activity, text: stdout, stderr: stderr.replaceAll(folder, 'LOGS').trim() }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** A delivered log file with these records. */
export const logOf = (documents: readonly Document[]): string => JSON.stringify({ Records: documents })
