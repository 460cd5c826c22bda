import { LookupEventsCommand, type LookupEventsCommandOutput } from '@aws-sdk/client-cloudtrail'
import type { AwsClients } from '../../../aws/clients.ts'
import type { AwsClock } from '../../../aws/clock.ts'
import { SECOND_MS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import { secondsBetween } from '../../../incident/values/instant.ts'
import { pagesLeft, type RegionLookup, restOfWindow, split, turnPage, type Window } from './region-lookup.ts'
import { type Trouble, troubleOf } from './trouble.ts'

/** CloudTrail's answers as they are: JSON texts of whole records. */
export type RawEvents = readonly string[]

interface RegionReaderOptions {
  readonly region: string
  readonly client: AwsClients['cloudtrail']
  readonly clock: Pick<AwsClock, 'now' | 'sleep'>
  readonly signal: AbortSignal
  /** Hears of each page, after its window has moved on. The lookup's next page may be on its way meanwhile. */
  page(events: RawEvents): void | Promise<void>
}

interface PageBudget {
  readonly calls: number
  /** Why no more is read, a clause. */
  readonly why: string
}

export interface RegionReader {
  readonly region: string
  /** Reads lookups to their end, those in front first. What cannot be read becomes a gap; rejects only when aborted. */
  read(lookups: readonly RegionLookup[], budget: PageBudget): Promise<void>
  /** Calls made so far, and of how many of them an answer was had. */
  readonly calls: () => number
  readonly answers: () => number
  /** Why nothing more is read in this Region. */
  readonly trouble: () => Trouble | undefined
}

/** With 2 calls a second and up to 4 seconds for an answer, 8 on their way keep the rate (Little's law). */
const MOST_ON_THEIR_WAY = 8
/** A lookup is not cut into more windows: each of them costs up to one call more. */
const MOST_WINDOWS = 16
const EMPTY_PAGES = 20
const PATIENCE = 4
const FIRST_PAUSE = 4
const CALLS_A_SECOND = 2

interface State {
  calls: number
  answers: number
  /** Calls that may be on their way together. */
  slots: number
  left: number
  trouble: Trouble | undefined
  readonly busy: Set<Window>
  /** What makes a window suspect: tokens that it has had, empty pages, and calls that failed, in a row. */
  readonly history: WeakMap<Window, { readonly tokens: Set<string>; empty: number; failed: number }>
}

/**
 * Reads the event history of one Region, several time windows together. The next call leaves when the rate allows it: a
 * window is parted only when answers take so long that one after the other would not keep the rate.
 */
export const regionReader = (options: RegionReaderOptions): RegionReader => {
  const { region, signal } = options
  const state: State = {
    ...{ calls: 0, answers: 0, slots: 1, left: Number.POSITIVE_INFINITY, trouble: undefined },
    ...{ busy: new Set(), history: new WeakMap() },
  }

  const readPage = async (lookup: RegionLookup, window: Window): Promise<void> => {
    try {
      const { Events = [], NextToken } = await askFor(options, state, lookup, window)
      const oldest = oldestOf(Events)
      turnPage(window, given({ oldest, token: NextToken || undefined }))
      suspect(state, window, Events.length)
      await options.page(Events.flatMap(({ CloudTrailEvent }) => (CloudTrailEvent === undefined ? [] : [CloudTrailEvent])))
    } catch (error) {
      signal.throwIfAborted()
      await takeTrouble(options, state, { lookup, window, trouble: troubleOf(error) })
    }
  }

  const read = async (lookups: readonly RegionLookup[], budget: PageBudget): Promise<void> => {
    state.left = budget.calls
    await inParallel(state, () => {
      const next = state.trouble || state.left <= 0 ? undefined : nextWindow(state, lookups)
      if (!next) return undefined
      state.busy.add(next.window)
      return readPage(next.lookup, next.window).finally(() => state.busy.delete(next.window))
    })
    const why = state.trouble?.why ?? budget.why
    for (const window of lookups.flatMap(({ windows }) => windows)) if (!window.done) window.gap ??= why
  }

  return { region, read, calls: () => state.calls, answers: () => state.answers, trouble: () => state.trouble }
}

/** Asks for one page of a window. */
const askFor = async (
  { client, clock, signal }: RegionReaderOptions,
  state: State,
  { by }: RegionLookup,
  window: Window,
): Promise<LookupEventsCommandOutput> => {
  const sent = clock.now()
  state.calls += 1
  state.left -= 1
  const answer = await client.send(
    new LookupEventsCommand({
      ...given({ LookupAttributes: by ? [{ AttributeKey: by.attribute, AttributeValue: by.value }] : undefined }),
      StartTime: new Date(window.from * SECOND_MS),
      EndTime: new Date(window.until * SECOND_MS),
      MaxResults: 50,
      NextToken: window.token,
    }),
    { abortSignal: signal },
  )
  state.answers += 1
  widen(state, secondsBetween(sent, clock.now()))
  return answer
}

/** A page that could not be read: for now, for good, or nothing of this Region can be. */
const takeTrouble = async (
  { clock, signal }: RegionReaderOptions,
  state: State,
  { lookup, window, trouble }: { readonly lookup: RegionLookup; readonly window: Window; readonly trouble: Trouble },
): Promise<void> => {
  const history = historyOf(state, window)
  if (trouble.kind === 'bug') throw trouble.error
  history.failed += 1
  const isOver = trouble.kind === 'later' && history.failed > PATIENCE
  if (trouble.kind === 'region' || isOver) state.trouble ??= trouble
  else if (trouble.kind === 'later') await clock.sleep(FIRST_PAUSE * 2 ** history.failed, signal)
  else if (window.reached < window.until) lookup.windows.splice(lookup.windows.indexOf(window), 1, restOfWindow(window))
  else window.gap = trouble.why
}

/** Starts as many tasks as there are slots, and more when one is through; none are left when it returns or throws. */
const inParallel = async (state: State, start: () => Promise<void> | undefined): Promise<void> => {
  const tasks = new Set<Promise<void>>()
  const failures: unknown[] = []
  for (;;) {
    while (tasks.size < state.slots && failures.length === 0) {
      const task = start()
      if (!task) break
      const settled: Promise<void> = task.catch((error) => void failures.push(error)).finally(() => tasks.delete(settled))
      tasks.add(settled)
    }
    if (tasks.size === 0) break
    await Promise.race(tasks)
  }
  if (failures.length > 0) throw failures[0]
}

/** More calls together, when those on their way do not keep the rate. */
const widen = (state: State, seconds: number): void => {
  const isRateKept = seconds <= (1.1 * state.slots) / CALLS_A_SECOND
  if (!isRateKept) state.slots = Math.min(MOST_ON_THEIR_WAY, Math.max(state.slots, Math.ceil(seconds * CALLS_A_SECOND)))
}

/** A window that nobody reads, of the first lookup that has one; else the older half of the longest one. */
const nextWindow = ({ busy }: State, lookups: readonly RegionLookup[]) => {
  for (const lookup of lookups) {
    const window = lookup.windows.find((each) => !each.done && each.gap === undefined && !busy.has(each))
    if (window) return { lookup, window }
  }
  return partLongest(lookups)
}

const partLongest = (lookups: readonly RegionLookup[]) => {
  const [longest] = lookups
    .filter(({ windows }) => windows.length < MOST_WINDOWS)
    .flatMap((lookup) => lookup.windows.map((window) => ({ lookup, window, left: pagesLeft(window) })))
    .sort((a, b) => b.left - a.left)
  const older = longest && split(longest.window)
  if (!longest || !older) return undefined
  longest.lookup.windows.push(older)
  return { lookup: longest.lookup, window: older }
}

const historyOf = ({ history }: State, window: Window) => {
  const known = history.get(window) ?? { tokens: new Set<string>(), empty: 0, failed: 0 }
  history.set(window, known)
  return known
}

/** Ends a window whose pages lead nowhere. */
const suspect = (state: State, window: Window, events: number): void => {
  const history = historyOf(state, window)
  history.failed = 0
  history.empty = events === 0 ? history.empty + 1 : 0
  const { token } = window
  if (token === undefined || window.done) return
  if (history.tokens.has(token)) window.gap = 'the service repeated a page token'
  else if (history.empty >= EMPTY_PAGES) window.gap = `${EMPTY_PAGES} pages in a row were empty`
  history.tokens.add(token)
}

/** Seconds since the epoch. An emulator's event may have no time, and then its record has. */
const oldestOf = (events: NonNullable<LookupEventsCommandOutput['Events']>): number | undefined => {
  const times = events.map(({ EventTime, CloudTrailEvent = '' }) => {
    const said = EventTime?.getTime() ?? Number.NaN
    return Number.isNaN(said) ? Date.parse(/"eventTime"\s*:\s*"([^"]+)"/.exec(CloudTrailEvent)?.[1] ?? '') : said
  })
  const known = times.filter((time) => !Number.isNaN(time))
  return known.length === 0 ? undefined : Math.floor(Math.min(...known) / SECOND_MS)
}

const SLOWEST = 0.1

/** Seconds until all Regions are read, as far as lookups are begun: at the rate of each, which is at most two calls a second. */
export const secondsLeft = (lookups: readonly RegionLookup[], readers: readonly RegionReader[], seconds: number): number => {
  const left = readers.map((reader) => {
    const pages = lookups
      .filter(({ region }) => region === reader.region)
      .flatMap(({ windows }) => windows)
      .reduce((sum, window) => sum + pagesLeft(window), 0)
    const rate = seconds > 1 ? reader.calls() / seconds : CALLS_A_SECOND
    return pages / Math.min(CALLS_A_SECOND, Math.max(SLOWEST, rate))
  })
  return Math.max(0, ...left)
}
