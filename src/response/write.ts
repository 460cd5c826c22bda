import { errorMeaningOf, isAwsError, refusalDetails } from '../aws/failure.ts'
import type { Effect, SendingOutcome } from '../incident/entry.ts'
import { type AwsErrorMeaning, isExpiredOrClock, mayBeClock, waitAfter } from '../incident/values/aws-error-codes.ts'
import { duration } from '../incident/values/duration.ts'
import { Failure } from '../incident/values/failure.ts'
import { rawText } from '../incident/values/untrusted.ts'
import type { Sendable, WriteOptions } from './stage.ts'
import type { RunRecorder, World } from './world.ts'

/** One change that a stage makes. */
export interface Write {
  readonly client: object
  readonly command: Sendable
  readonly effect: Effect
  readonly options: WriteOptions
}

/** Who makes it, and with what. */
export interface Writer {
  readonly stage: string
  readonly world: World
  readonly recorder: RunRecorder
  /** Called during a wait: due re-checks. */
  readonly between: () => Promise<void>
}

const MINUTES = [5, 10, 15, 30, 60, 60]

/**
 * After which refusals a write is sent again, and the seconds before each time. A refused write was not applied, so it cannot be
 * applied twice. IAM advises "a few minutes" after a concurrent change.
 */
const PAUSES: Readonly<Partial<Record<AwsErrorMeaning, readonly number[]>>> = {
  throttled: [2, 5, 10],
  conflict: MINUTES,
  'wrong-state': MINUTES,
  capacity: [60, 60],
}

/**
 * Makes one change: journals the intent, sends the write once, journals what became of it. A write that AWS refused for now is
 * sent again, each time with an intent of its own, until its waits are used up.
 * Gives the output, or undefined when it is unknown whether the write was applied. Throws Failure when AWS refused it.
 */
export const writeOnce = async <O>(
  writer: Writer,
  write: Write,
  earlier: readonly AwsErrorMeaning[] = [],
): Promise<O | undefined> => {
  const { stage, world, recorder } = writer
  const { client, command, effect, options } = write
  world.signal.throwIfAborted()
  const nonce = options.nonce ?? world.nonce()
  const planned = options.planned ? { planned: options.planned } : {}
  const head = await recorder.record({ type: 'intended', at: world.now(), stage, nonce, effect, ...planned })
  const { sending, output, error } = await world.sendOnce(client, typeof command === 'function' ? command(head) : command, head)
  await recorder.record({ type: 'sent', at: world.now(), stage, nonce, ...sending })
  if (sending.outcome === 'accepted') return output as O
  if (sending.outcome === 'unknown') return undefined
  const waited = await waitOut({ write, sending, error, meaning: errorMeaningOf(error), earlier }, writer)
  return writeOnce(writer, { ...write, options: { ...options, nonce } }, [...earlier, waited])
}

interface RefusedWrite {
  readonly write: Write
  readonly sending: SendingOutcome & { outcome: 'refused' }
  readonly error: unknown
  readonly meaning: AwsErrorMeaning
  /** What the refusals before this one meant. */
  readonly earlier: readonly AwsErrorMeaning[]
}

/** Waits until a refused write may be sent again, and gives what the refusal was taken for. Throws Failure when waiting does not help. */
const waitOut = async (refused: RefusedWrite, writer: Writer): Promise<AwsErrorMeaning> => {
  const { sending, earlier } = refused
  const isSet = earlier.includes('clock')
  if (mayBeClock(sending.code, rawText(sending.message)) && !isSet) return setClock(refused, writer)
  // The read that set the clock was accepted, with the same credentials: they have not ended.
  const meaning = isSet && isExpiredOrClock(sending.code) ? 'clock' : refused.meaning
  const wait = waitAfter(sending.code, meaning)
  const pauses = (PAUSES[meaning] ?? []).map((seconds) => Math.max(seconds, wait?.leastPause ?? 0))
  const before = earlier.filter((one) => one === meaning).length
  const pause = pauses[before]
  const budget = duration(pauses.reduce((sum, seconds) => sum + seconds, 0))
  if (!wait || pause === undefined)
    throw failure(
      { ...refused, meaning },
      wait && pauses.length > 0 ? `, still after ${budget} of waiting for ${wait.waitsFor}` : '',
    )
  const { operation } = refused.write.effect
  tell(
    writer,
    `AWS refuses ${operation} for now (${sending.code}): waiting for ${wait.waitsFor}, at most ${budget}; trying again in ${duration(pause)}`,
  )
  const patience = { what: operation, kind: 'pause' as const, within: pause }
  await writer.world.settle(patience, async () => undefined, writer.between)
  return meaning
}

const setClock = async (refused: RefusedWrite, writer: Writer): Promise<AwsErrorMeaning> => {
  const { world } = writer
  const { write, sending } = refused
  tell(writer, `AWS refuses ${write.effect.operation} (${sending.code}): setting the clock by an answer of AWS and trying again`)
  try {
    await world.setClock()
  } catch (error) {
    world.signal.throwIfAborted()
    if (!isAwsError(error)) throw error
    throw failure(refused)
  }
  return 'clock'
}

const tell = ({ stage, recorder }: Writer, text: string): void => recorder.emit({ type: 'progress', stage, text })

const failure = ({ write: { effect }, sending, error, meaning }: RefusedWrite, still = ''): Failure => {
  const { why, ...details } = refusalDetails({ code: sending.code, message: rawText(sending.message) }, meaning)
  return new Failure({
    ...details,
    what: `AWS refused ${effect.operation} on ${effect.resource}`,
    why: `${why}${still}`,
    cause: error,
  })
}
