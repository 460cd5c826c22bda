import type { Activity } from '../../incident/facts/activity.ts'
import { type Block, fields, heading, type Span, text } from '../../incident/values/block.ts'
import { given } from '../../incident/values/given.ts'
import { activityFact } from '../../investigation/activity-fact.ts'
import { type ActivityState, activityFold } from '../../investigation/analysis/activity-fold.ts'
import { sessionSummary } from '../../investigation/analysis/session-summary.ts'
import { windowActivity } from '../../investigation/analysis/window-activity.ts'
import type { Investigation } from '../../investigation/investigation.ts'
import type { Question } from '../../investigation/question.ts'
import { headBlocks } from '../../investigation/sections/head.ts'
import { NOT_SHOWN } from '../../investigation/sections/listing.ts'
import { gapBlocks, type InvestigationSection, investigationSections } from '../../investigation/sections/sections.ts'

import { progressText, type ReadHooks, type SourceProgress } from '../../investigation/source.ts'
import { makeProgressLine } from '../../terminal/progress-line.ts'
import { renderBlocks } from '../../terminal/render-blocks.ts'
import { makeTheme, type Theme } from '../../terminal/theme.ts'
import { type BrowserPromptStreams, browseVolume, type TimeWindow } from '../../terminal/volume/browser.ts'
import { volumeChart } from '../../terminal/volume/chart.ts'
import { usableWidth } from '../../terminal/width.ts'
import { withCommandName } from '../command-name.ts'
import type { Terminal } from '../tty.ts'
import type { Enrichment } from './enrichment.ts'
import type { Timeline } from './timeline.ts'

export interface ProgressScreen {
  /** `what` stands before the numbers. */
  show(progress: SourceProgress, what?: string): void
  /** What is waited for. */
  say(text: string): void
  clear(): void
}

/** How far the reading has come, on a line of the error stream that is overwritten again and again. */
export const progressOn = (err: Terminal['err']): ProgressScreen => {
  const line = makeProgressLine(err, () => usableWidth(err.columns ?? 0))
  return {
    show: (progress, what = '') => line.show(` ${what}${progressText(progress)}`),
    say: (text) => line.show(` ${text}`),
    clear: line.clear,
  }
}

/** The newest calls so far, while the rest is read. */
export const earlyLines = (question: Question, state: ActivityState, columns: number): readonly string[] => {
  const { events, firstSeen, lastSeen, ips, apis } = sessionSummary(activityFold(question).finish(state, question))
  const setting = { width: usableWidth(columns), indent: 1, theme: makeTheme(false), viewpoint: {} }
  const from = ips.slice(0, FIRST_FEW).flatMap<Span>(({ ip }, i) => (i > 0 ? [', ', ip] : [ip]))
  const called = apis.slice(0, FIRST_FEW).map(({ service, api }) => `${service}:${api}`)
  return renderBlocks(
    [
      text(
        `The newest calls so far, while the rest is read: ${events}`,
        ...(firstSeen && lastSeen ? [', ', { at: firstSeen }, ' to ', { at: lastSeen }] : []),
      ),
      fields(['from', from], ['called', called.join(', ')]),
    ],
    setting,
  )
}

const FIRST_FEW = 5

/**
 * Shows all sections, with the volume as a chart where it can be drawn; then the chart for browsing, when a person is there. From the
 * chart the timeline opens.
 */
export const showInvestigation = async (
  terminal: Terminal,
  found: Investigation,
  enrichment: Enrichment,
  timeline: OpenTimeline,
  isFull = false,
): Promise<void> => {
  const { input, out, err, redraws, interactive, allowsColour, zone, signal, commandName } = terminal
  const theme = makeTheme(redraws && allowsColour)
  const paper: Paper = { width: usableWidth(out.columns ?? 0), theme, zone, isScreen: redraws, commandName, isFull }
  out.write(`${linesOf(found, enrichment, paper).join('\n')}\n`)
  if (!redraws || !interactive) return
  const streams = {
    ...{ input, output: err, signal },
    columns: () => out.columns ?? 80,
    rows: () => out.rows ?? 24,
    colour: allowsColour,
  }
  let isTimelineWanted = false
  const browsed = {
    ...{ volume: found.volume, zone },
    onTimeline: () => {
      isTimelineWanted = true
    },
    activity: (window: TimeWindow) => windowActivity(found.counted, window),
  }
  let opened: Timeline | undefined
  try {
    await browseVolume(streams, browsed)
    while (isTimelineWanted) {
      opened ??= await readForScreen(terminal, timeline)
      await browseTimeline(streams, opened)
      isTimelineWanted = false
      await browseVolume(streams, browsed)
    }
  } finally {
    opened?.sorted.dispose()
  }
}

/** Reads the source once more, with the progress on the error stream. */
const readForScreen = async ({ err, signal }: Terminal, timeline: OpenTimeline): Promise<Timeline> => {
  const progress = progressOn(err)
  try {
    return await timeline({ signal, progress: (so) => progress.show(so, 'timeline: ') })
  } finally {
    progress.clear()
  }
}

const browseTimeline = async (streams: BrowserPromptStreams, { sorted }: Timeline): Promise<void> => {
  const { timelineScreen } = await import('./timeline-screen.ts')
  const { browseLines } = await import('../../terminal/timeline/browser.ts')
  const { lines, close } = timelineScreen(sorted)
  try {
    await browseLines(streams, lines)
  } finally {
    close()
  }
}

/** Reads the source once more, for a person who opens the timeline. */
export type OpenTimeline = (reading: Pick<ReadHooks<never>, 'signal' | 'progress'>) => Promise<Timeline>

interface Paper {
  readonly width: number
  readonly theme: Theme
  readonly zone: string
  readonly isScreen: boolean
  /** How ir-cred is started here. */
  readonly commandName: string
  /** Every row of every list. */
  readonly isFull: boolean
}

const CHART_LINES = 8

const linesOf = (found: Investigation, enrichment: Enrichment, paper: Paper): readonly string[] => {
  const { account, permissions, finding } = enrichment
  // The whole lists: what is cut is cut by the sections, and counted there.
  const activity: Activity = { ...activityFact(found, Number.POSITIVE_INFINITY), ...given({ account, permissions }) }
  // Times are shown with their date: what is investigated may be long ago.
  const viewpoint = { zone: paper.zone }
  const render = (blocks: readonly Block[]): readonly string[] =>
    renderBlocks(withCommandName(blocks, paper.commandName), { width: paper.width, indent: 1, theme: paper.theme, viewpoint })
  const answer = ({ heading: title, sources, blocks, isVolume }: InvestigationSection): readonly string[] => [
    ...render([heading(title, ...sources)]),
    ...(isVolume && paper.isScreen ? [...chartOf(found, paper), ''] : []),
    ...render(blocks),
  ]
  const layout = { isCharted: paper.isScreen, length: paper.isFull ? 'full' : 'short' } as const
  const sections = investigationSections(activity, enrichment.sections, layout)
  return [
    ...render(headBlocks(activity, finding)),
    ...sections.flatMap(answer),
    ...render([...(isCut(sections) ? [text('--full shows every row, and --json has all.')] : []), ...gapBlocks(activity)]),
  ]
}

const isCut = (sections: readonly InvestigationSection[]): boolean =>
  sections.some(({ blocks }) => JSON.stringify(blocks).includes(NOT_SHOWN))

const chartOf = (found: Investigation, { width, theme }: Paper): readonly string[] =>
  volumeChart(found.volume, { width, height: CHART_LINES }, theme)
