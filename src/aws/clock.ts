import { MINUTE_MS, SECOND_MS } from '../incident/values/duration.ts'
import { epochOf, type Instant, instantOf } from '../incident/values/instant.ts'
import { agreedOffset, type HeardDate } from './clock/agreement.ts'
import { type AnswerOrigin, dateIn, hasRequestId, isOfProtocol, simulatedIn } from './clock/answer.ts'
import { createHeardDates } from './clock/heard-dates.ts'
import { createSignatureProof, type SignatureProof } from './clock/proof.ts'

/** How time passes outside: a monotonic clock, waiting, and the clock on the wall. Injected, so that a drill need not wait. */
export interface Passing {
  /** Milliseconds of a monotonic clock. */
  elapsed(): number
  /** Lets so many seconds pass; rejects when the signal aborts. */
  pass(seconds: number, signal: AbortSignal): Promise<void>
  /** What this machine takes for the time, in milliseconds since the epoch. Absent: not known. */
  machine?(): number
}

/** The time as its two sources have it. */
export interface ClockReading {
  readonly now: Instant
  /** What AWS's answers agree on; absent before a Date was heard that can be AWS's. */
  readonly aws?: Instant
  /** What this machine says; absent where AWS's signature check has shown that it is wrong, and where there is no clock. */
  readonly machine?: Instant
  /** Both are more than two minutes apart, nothing shows which is right, and nobody has decided. */
  readonly undecided: boolean
}

/** AWS's time: what its answers agree on, held against what it made of our signatures and against this machine's clock. */
export interface AwsClock {
  /** Never runs backwards. Throws before the first answer of AWS. */
  now(): Instant
  /** Seconds of AWS's time that have passed on a monotonic clock, whatever the answers say: for waits and deadlines. */
  elapsed(): number
  sleep(seconds: number, signal: AbortSignal): Promise<void>
  /** Hears the headers of an answer. */
  setFrom(headers: Readonly<Record<string, string>>, origin?: AnswerOrigin): void
  /** Starts to count seconds of this machine's monotonic clock: for the deadline of an answer. */
  stopwatch(): () => number
  /** The monotonic clock in milliseconds, to say in an origin when an answer arrived. */
  mark(): number
  reading(): ClockReading
  /** The responder has decided which of the two is right. */
  trust(source: ClockSource): void
  /** Milliseconds by which a signature's time is ahead of this machine's clock. */
  signingOffset(): number
  /** Whether the answers come from a simulated account, whose every answer has the pace header. */
  simulated(): boolean
}

export type ClockSource = 'aws' | 'machine'

/** Two clocks that are farther apart are not both right. */
export const TOLERATED_MS = 2 * MINUTE_MS

/** So many milliseconds may an answer take to arrive. They are minutes of a simulated account whose time runs fast. */
const LATENESS_MS = 5 * SECOND_MS

/** A step of this machine's clock against its monotonic one: it slept, or somebody set it. */
const STEP_MS = 30 * SECOND_MS

/** What a clock remembers. All offsets are milliseconds by which a time is ahead of `base`. */
interface ClockState {
  readonly passing: Passing
  readonly dates: ReturnType<typeof createHeardDates>
  readonly proof: SignatureProof
  /** AWS has answered. */
  heard: boolean
  /** The monotonic clock at the account's pace. */
  base: number
  elapsed: number
  pace: number | undefined
  /** This machine's clock as it was at first, carried on by the monotonic one, or as a simulated account announces it. */
  machine: number | undefined
  /** `machine` is what a simulated account announces. */
  announced: boolean
  /** The last offset that was beyond doubt. */
  settled: number | undefined
  trusted: ClockSource | undefined
  latest: number
  /** What the answers said together when they were asked last: between two answers the time is asked for many times. */
  agreed: Agreed | undefined
}

interface Agreed {
  readonly dates: readonly HeardDate[]
  readonly machine: number | undefined
  readonly settled: number | undefined
  readonly offset: number | undefined
}

/**
 * A clock that is set by what AWS's answers agree on and carried on by a monotonic clock. One wrong Date, or the wrong ones of one
 * service, do not move it. A pace is believed only where the answers may be a simulated account's; a Date without a request id only of an
 * endpoint that is not AWS's own and was named (`elsewhere`).
 */
export const createAwsClock = (passing: Passing, { maySimulate = true, elsewhere = false } = {}): AwsClock => {
  const state: ClockState = {
    ...{ passing, dates: createHeardDates(), proof: createSignatureProof(), heard: false, base: 0, elapsed: passing.elapsed() },
    ...{ announced: false, pace: undefined, settled: undefined, trusted: undefined, latest: Number.NEGATIVE_INFINITY },
    machine: passing.machine?.(),
    agreed: undefined,
  }
  return {
    now: () => nowOf(state),
    elapsed: () => tick(state) / SECOND_MS,
    sleep: async (seconds, signal) => {
      await passing.pass(state.pace ? seconds / state.pace : seconds, signal)
      if (state.pace === 0) state.base = tick(state) + seconds * SECOND_MS
    },
    setFrom: (headers, origin = {}) => {
      if (hasRequestId(headers) || (elsewhere && isOfProtocol(headers))) hear(state, headers, origin, maySimulate)
    },
    stopwatch: () => {
      const began = performance.now()
      return () => (performance.now() - began) / SECOND_MS
    },
    mark: () => tick(state),
    reading: () => readingOf(state),
    trust: (source) => {
      state.trusted = source
    },
    signingOffset: () => {
      const { undecided, machine, offset: held } = timeOf(state)
      // AWS has accepted a signature of this machine's time, or will say that it does not: either way more is known.
      const offset = undecided ? machine : held
      return passing.machine === undefined || offset === undefined ? 0 : tick(state) + offset - Date.now()
    },
    simulated: () => state.pace !== undefined,
  }
}

/** Lets the monotonic clock run on; gives it in milliseconds. */
const tick = (state: ClockState): number => {
  const elapsed = state.passing.elapsed()
  state.base += Math.max(0, elapsed - state.elapsed) * (state.pace ?? 1)
  state.elapsed = elapsed
  return state.base
}

const nowOf = (state: ClockState): Instant => {
  const { offset } = timeOf(state)
  if (!state.heard || offset === undefined) throw new Error('AWS has not answered yet, so its time is not known')
  state.latest = Math.max(state.latest, tick(state) + offset)
  return instantOf(new Date(state.latest))
}

const hear = (state: ClockState, headers: Readonly<Record<string, string>>, origin: AnswerOrigin, maySimulate: boolean): void => {
  state.heard = true
  const simulated = maySimulate ? simulatedIn(headers) : undefined
  const at = Math.min(origin.at ?? Number.POSITIVE_INFINITY, tick(state))
  if (simulated) {
    state.pace = simulated.pace
    // A simulated account says what the clock of a responder's machine would show, and does not look at the time of a signature.
    state.machine = simulated.machine === undefined ? undefined : leastLate(state, simulated.machine - at)
    state.announced = true
  }
  const signedAt = simulated ? simulated.machine : origin.signedAt
  if (signedAt !== undefined && state.machine !== undefined) {
    if (origin.verdict === 'skewed') state.proof.refused(signedAt - at)
    else if (origin.verdict === 'accepted') state.proof.accepted(signedAt - at)
  }
  const date = dateIn(headers)
  if (date === undefined) return
  const offset = date - at
  takeSleep(state, offset)
  state.dates.add({ service: origin.service ?? '', host: origin.host ?? '', offset }, headers)
}

/** What a simulated account announces arrives a little late: of all announcements the one that was fastest holds. */
const leastLate = ({ announced, machine }: ClockState, offset: number): number =>
  announced && machine !== undefined ? Math.max(machine, offset) : offset

/** The monotonic clock stands still while a machine sleeps: then the clock on the wall and AWS have both gone on by the same time. */
const takeSleep = (state: ClockState, heard: number): void => {
  const { machine, passing } = state
  const { offset } = timeOf(state)
  if (machine === undefined || offset === undefined || passing.machine === undefined || state.pace !== undefined) return
  const slept = passing.machine() - tick(state) - machine
  if (slept < STEP_MS || Math.abs(heard - offset - slept) > STEP_MS) return
  state.machine = machine + slept
  state.settled = state.settled === undefined ? undefined : state.settled + slept
  state.dates.shift(slept)
  state.proof.shift(slept)
}

/** Offsets of both sources as far as the signatures do not speak against them, and of the time that holds. */
interface JudgedTime {
  readonly aws?: number | undefined
  readonly machine?: number | undefined
  readonly offset?: number | undefined
  readonly undecided: boolean
}

const timeOf = (state: ClockState): JudgedTime => {
  const all = state.dates.all()
  const dates = all.every(({ offset }) => state.proof.allows(offset))
    ? all
    : all.filter(({ offset }) => state.proof.allows(offset))
  const machines = machinesOf(state).filter((offset) => state.proof.allows(offset))
  const aws = agreementOf(state, dates, machines[0])
  const machine = nearest(machines, aws)
  if (aws === undefined || machine === undefined) {
    const offset = aws ?? machine ?? state.settled
    if (aws !== undefined) state.settled = offset
    return { aws, machine, offset, undecided: false }
  }
  const pace = Math.max(1, state.pace ?? 1)
  if (Math.abs(aws - machine) <= Math.max(TOLERATED_MS, pace * LATENESS_MS)) {
    // Where time runs fast, a Date is seconds old when it arrives; the fastest announcement is not.
    state.settled = pace > 1 ? Math.max(aws, machine) : aws
    return { aws, machine, offset: state.settled, undecided: false }
  }
  const { trusted } = state
  if (trusted !== undefined) return { aws, machine, offset: trusted === 'aws' ? aws : machine, undecided: false }
  // What was beyond doubt goes on. Without that, the earlier one: a clock may wait, and can never go back.
  return { aws, machine, offset: state.settled ?? Math.min(aws, machine), undecided: true }
}

const agreementOf = (state: ClockState, dates: readonly HeardDate[], machine: number | undefined): number | undefined => {
  const { agreed, settled } = state
  if (agreed && agreed.dates === dates && agreed.machine === machine && agreed.settled === settled) return agreed.offset
  const offset = agreedOffset(dates, machine, settled)
  state.agreed = { dates, machine, settled, offset }
  return offset
}

/** This machine's clock as it was at first and as it is: somebody may have set it since. */
const machinesOf = (state: ClockState): readonly number[] => {
  const { machine, passing, pace } = state
  if (machine === undefined) return []
  if (passing.machine === undefined || pace !== undefined) return [machine]
  const current = passing.machine() - tick(state)
  return Math.abs(current - machine) < STEP_MS ? [machine] : [machine, current]
}

const nearest = (offsets: readonly number[], to: number | undefined): number | undefined =>
  to === undefined ? offsets[0] : [...offsets].sort((a, b) => Math.abs(a - to) - Math.abs(b - to))[0]

const readingOf = (state: ClockState): ClockReading => {
  const now = nowOf(state)
  const { aws, machine, undecided } = timeOf(state)
  const base = tick(state)
  const instant = (offset: number): Instant => instantOf(new Date(base + offset))
  return {
    now,
    undecided,
    ...(aws === undefined ? {} : { aws: instant(aws) }),
    ...(machine === undefined ? {} : { machine: instant(machine) }),
  }
}

/** Seconds by which the machine's clock is ahead of AWS's (negative: behind). Only to be shown. */
export const skewOf = (clock: AwsClock, machine: Date): number =>
  Math.round((machine.getTime() - epochOf(clock.now())) / SECOND_MS)

/** The longest time that a timer can hold, in milliseconds: a longer one would end at once. */
const LONGEST_TIMER = 2 ** 31 - 1

/** Real time: a monotonic clock, timers, and this machine's clock. */
export const realPassing: Passing = {
  elapsed: () => performance.now(),
  machine: () => Date.now(),
  pass: (seconds, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer)
        reject(signal.reason)
      }
      const timer = setTimeout(
        () => {
          signal.removeEventListener('abort', stop)
          resolve()
        },
        Math.min(LONGEST_TIMER, Math.max(0, seconds) * SECOND_MS),
      )
      if (signal.aborted) return stop()
      signal.addEventListener('abort', stop, { once: true })
    }),
}
