import { asciiJson } from '../../incident/values/show.ts'
import type { ActivityState } from '../../investigation/analysis/activity-fold.ts'
import { callersIn, everybody } from '../../investigation/analysis/callers.ts'
import type { TimeRange } from '../../investigation/question.ts'
import { type CallersRead, callerBlocks, callersJson, unreadPartsOf } from '../../investigation/sections/callers.ts'
import { principalName, type RecordSource } from '../../investigation/source.ts'
import { renderBlocks } from '../../terminal/render-blocks.ts'
import { makeTheme } from '../../terminal/theme.ts'
import { usableWidth } from '../../terminal/width.ts'
import type { CommandEnding } from '../command.ts'
import { type End, FINISHED } from '../exit-code.ts'
import type { Host } from '../host.ts'
import type { Terminal } from '../tty.ts'
import type { InvestigateRequest } from './request.ts'
import type { ProgressScreen } from './screen.ts'

/** What the list is made with. */
export interface CallerListing {
  readonly source: RecordSource<ActivityState>
  readonly scope: TimeRange
  readonly terminal: Terminal
  readonly progress: ProgressScreen
}

/** Lists who is in the records of a source, where nobody to investigate was named. */
export const listCallers = async (
  host: Host,
  { output, full }: Pick<InvestigateRequest, 'output' | 'full'>,
  { source, scope, terminal, progress }: CallerListing,
): Promise<CommandEnding> => {
  const question = everybody(scope)
  const { states, report } = await source.read(
    { questions: [question], followChainedSessions: false, range: scope },
    { signal: host.signal, progress: (so) => progress.show(so) },
  )
  progress.clear()
  const state = states.get(principalName(question.principal))?.state
  const read: CallersRead = { callers: state ? callersIn(state) : [], report }
  if (output.json) {
    host.stdout.write(`${asciiJson(callersJson(read))}\n`)
    return { outcome: FINISHED, announce: lastEvent(host, read) }
  }
  const { out, redraws, allowsColour, zone } = terminal
  const theme = makeTheme(redraws && allowsColour)
  const lines = renderBlocks(callerBlocks(read, full ? 'full' : 'short'), {
    ...{ width: usableWidth(out.columns ?? 0), indent: 1, theme, viewpoint: { zone } },
  })
  out.write(`${lines.join('\n')}\n`)
  return { outcome: FINISHED }
}

const lastEvent =
  ({ stdout }: Pick<Host, 'stdout'>, { report }: CallersRead) =>
  (end: End): void => {
    const nothing = { incident: '', writes: 0, unproven: unreadPartsOf(report), alarms: [] }
    stdout.write(`${asciiJson({ type: 'ended', ...end, ...nothing })}\n`)
  }
