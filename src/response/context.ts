import type { Effect, SendingOutcome } from '../incident/entry.ts'
import { Failure } from '../incident/values/failure.ts'
import { rawText } from '../incident/values/untrusted.ts'
import type { Responder } from './ports.ts'
import type { AnyStage, Context, Sendable, WriteOptions } from './stage.ts'
import type { RunRecorder, World } from './world.ts'

interface Lent {
  readonly world: World
  readonly recorder: RunRecorder
  readonly responder: Responder
  /** Done between two looks of a wait: due re-checks. */
  readonly between: () => Promise<void>
}

/** What one stage is lent while it runs: the world, with every write behind an intent on disk. */
export const contextFor = (stage: AnyStage, lent: Lent): Context => {
  const { world, recorder, responder, between } = lent
  return {
    request: world.request,
    aws: world.aws,
    region: world.setting.region,
    regions: world.regions,
    now: world.now,
    settle: (patience, look) => world.settle(patience, look, between),
    write: (client, command, effect, options = {}) => writeOnce(stage, lent, { client, command, effect, options }),
    keep: async (name, content) => {
      const ref = await world.keep(name, content)
      await recorder.record({ type: 'kept', at: world.now(), stage: stage.id, name, ref })
      return ref
    },
    checkpoint: async (cursor, content) => {
      const ref = await world.keep(stage.id, content)
      await recorder.record({ type: 'checkpoint', at: world.now(), stage: stage.id, ref, cursor })
    },
    recall: world.recall,
    organizations: world.organizations,
    places: world.places,
    choose: (question) => responder.choose(question),
    progress: (text) => recorder.tell({ type: 'progress', stage: stage.id, text }),
    proofWait: world.proofWait,
    findingWait: world.findingWait,
    // A simulated account without an endpoint is one inside this process.
    drill: world.setting.simulated && world.setting.endpoint === undefined,
    dryRun: world.dryRun,
    responder: {
      arn: world.setting.responderArn,
      userId: world.setting.responderUserId,
      accessKeyId: world.responderAccessKeyId,
    },
    ...(world.setting.detectiveProfile === undefined ? {} : { detectiveProfile: world.setting.detectiveProfile }),
    nonce: world.nonce,
    signal: world.signal,
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
const writeOnce = async <O>(stage: AnyStage, lent: Lent, write: Write, refusals = 0): Promise<O | undefined> => {
  const { world, recorder } = lent
  const { effect, options } = write
  world.signal.throwIfAborted()
  const nonce = options.nonce ?? world.nonce()
  const planned = options.planned ? { planned: options.planned } : {}
  const head = await recorder.record({ type: 'intended', at: world.now(), stage: stage.id, nonce, effect, ...planned })
  const { sending, output, error } = await world.sendOnce(write.client, commandWith(head, write.command), head)
  await recorder.record({ type: 'sent', at: world.now(), stage: stage.id, nonce, ...sending })
  if (sending.outcome === 'accepted') return output as O
  if (sending.outcome === 'unknown') return undefined
  const pause = AGAIN.find(([codes]) => codes.test(sending.code))?.[1][refusals]
  if (pause === undefined) throw refusal(sending, effect, error)
  await world.settle({ what: effect.operation, every: pause, within: pause }, async () => undefined, lent.between)
  return writeOnce(stage, lent, { ...write, options: { ...options, nonce } }, refusals + 1)
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
