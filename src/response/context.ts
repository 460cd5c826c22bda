import type { Effect, SendingOutcome } from '../incident/entry.ts'
import { Failure } from '../incident/values/failure.ts'
import { rawText } from '../incident/values/untrusted.ts'
import type { Responder } from './ports.ts'
import type { Context, Sendable, WriteOptions } from './stage.ts'
import type { RunRecorder, World } from './world.ts'

/** One run of the runbook: what it uses outside, where it records, whom it asks. */
interface StageRun {
  readonly world: World
  readonly recorder: RunRecorder
  readonly responder: Responder
  /** Called between two looks of a wait: makes the re-checks that are due. */
  readonly between: () => Promise<void>
}

/** The context of one stage: the world without its way to send, and every write behind an intent on disk. */
export const contextFor = (stage: string, run: StageRun): Context => {
  const { readiness: _, sendOnce: __, settle, skip: ___, ...world } = run.world
  const { recorder, responder, between } = run
  return {
    ...world,
    settle: (patience, look) => settle(patience, look, between),
    write: (client, command, effect, options = {}) => writeOnce(stage, run, { client, command, effect, options }),
    keep: async (name, content) => {
      const ref = await world.keep(name, content)
      await recorder.record({ type: 'kept', at: world.now(), stage, name, ref })
      return ref
    },
    checkpoint: async (cursor, content) => {
      const ref = await world.keep(stage, content)
      await recorder.record({ type: 'checkpoint', at: world.now(), stage, ref, cursor })
    },
    choose: (question) => responder.choose(question),
    progress: (text) => recorder.emit({ type: 'progress', stage, text }),
  }
}

interface Write {
  readonly client: object
  readonly command: Sendable
  readonly effect: Effect
  readonly options: WriteOptions
}

const SKEWED = /^(RequestExpired|RequestInTheFuture|RequestTimeTooSkewed|InvalidSignatureException|SignatureDoesNotMatch)$/

const THROTTLED = /Throttl|TooManyRequests|RequestLimitExceeded|SlowDown/

/** Refusals after which a write is sent again, and the seconds before each time: skewed and throttled calls were provably not applied. */
const AGAIN: readonly (readonly [codes: RegExp, pauses: readonly number[]])[] = [
  // The refusal itself has set the clock.
  [SKEWED, [0]],
  [THROTTLED, [2, 5, 10]],
]

const commandWith = (head: string, command: Sendable): object => (typeof command === 'function' ? command(head) : command)

/** Intent on disk, one sending, outcome on disk. Gives the output, or undefined when nobody knows what became of it. */
const writeOnce = async <O>(stage: string, run: StageRun, write: Write, refusals = 0): Promise<O | undefined> => {
  const { world, recorder } = run
  const { effect, options } = write
  world.signal.throwIfAborted()
  const nonce = options.nonce ?? world.nonce()
  const planned = options.planned ? { planned: options.planned } : {}
  const head = await recorder.record({ type: 'intended', at: world.now(), stage, nonce, effect, ...planned })
  const { sending, output, error } = await world.sendOnce(write.client, commandWith(head, write.command), head)
  await recorder.record({ type: 'sent', at: world.now(), stage, nonce, ...sending })
  if (sending.outcome === 'accepted') return output as O
  if (sending.outcome === 'unknown') return undefined
  const pause = AGAIN.find(([codes]) => codes.test(sending.code))?.[1][refusals]
  if (pause === undefined) throw refusal(sending, effect, error)
  await world.settle({ what: effect.operation, every: pause, within: pause }, async () => undefined, run.between)
  return writeOnce(stage, run, { ...write, options: { ...options, nonce } }, refusals + 1)
}

const IDENTITY = /Denied|Unauthorized|Expired|InvalidClientTokenId|UnrecognizedClient|AuthFailure/

const refusal = (sending: SendingOutcome & { outcome: 'refused' }, effect: Effect, cause: unknown): Failure => {
  const denied = IDENTITY.test(sending.code)
  return new Failure({
    kind: denied ? 'identity' : THROTTLED.test(sending.code) ? 'unavailable' : 'blocked',
    what: `AWS refused ${effect.operation} on ${effect.resource}`,
    why: `${sending.code}: ${rawText(sending.message)}`,
    remedy: denied
      ? 'give the responder the permission (`ir-cred policy` prints it), or have somebody with it do this step, then continue'
      : 'see the reason above, then continue',
    code: sending.code,
    cause,
  })
}
