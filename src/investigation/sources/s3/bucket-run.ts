import type { AwsClock } from '../../../aws/clock.ts'
import { failureOf } from '../../../aws/failure.ts'
import { Failure } from '../../../incident/values/failure.ts'
import type { BadFile } from '../../source.ts'
import { mayHold } from '../log-files/log-name.ts'
import { buffers, type ReadBuffers } from '../log-files/read-log.ts'
import type { FileRead } from '../log-files/scan-bytes.ts'
import { lookForOnly, type Seekers, type Target } from '../log-files/seekers.ts'
import type { Bucket, LogObject } from './bucket.ts'
import { addressOf } from './bucket-address.ts'
import { eagerly, type Room, workThrough } from './in-parallel.ts'
import type { ObjectTrouble } from './object-trouble.ts'
import { readObject } from './read-object.ts'

/** What is known in the course of one reading of a bucket. */
export interface BucketRun<State> {
  readonly bucket: Bucket
  readonly clock: AwsClock
  readonly seekers: Seekers<State>
  readonly buffers: ReadBuffers
  readonly room: Room
  /** All whom there is to look for, in the order in which they were found. */
  readonly targets: Target[]
  readonly objects: LogObject[]
  /** Bytes of all objects. */
  listedBytes: number
  /** The list of objects is complete. */
  isListed: boolean
  /** For how many of the targets, from the first on, each object was searched; the objects have the same places. */
  readonly searched: number[]
  /** Small ones that were read first, so that they need not be fetched again. */
  readonly remembered: Map<string, Buffer>
  rememberedBytes: number
  readonly bad: BadFile[]
  readonly troubles: Map<ObjectTrouble['kind'], number>
  /** Objects that were asked for, those that could be read, and what was in them. */
  done: number
  files: number
  bytes: number
  events: number
  /** Ends when what is being scanned is: one object after the other, so that whoever one shows is looked for in the next. */
  scanning: Promise<unknown>
  /** Called after each object. */
  readonly told: () => void
}

export const beginBucketRun = <State>(
  given: Pick<BucketRun<State>, 'bucket' | 'clock' | 'seekers' | 'room'>,
  told: () => void,
): BucketRun<State> => ({
  ...given,
  ...{
    buffers: buffers(),
    targets: [...given.seekers.targets.values()],
    objects: [],
    searched: [],
    listedBytes: 0,
    isListed: false,
  },
  ...{ remembered: new Map(), rememberedBytes: 0, bad: [], troubles: new Map(), done: 0, files: 0, bytes: 0, events: 0, told },
  scanning: Promise.resolve(),
})

/** So many refusals, and not one file read: no more are asked for. */
const HOPELESS = 20

/** Fetches and scans objects as they are found. */
export const readFirst = async <State>(run: BucketRun<State>, found: AsyncIterable<readonly LogObject[]>): Promise<void> =>
  workThrough(
    numbered(run, found),
    ({ object }) => object.size,
    run.room,
    ({ object, place }) => readOne(run, object, place, true),
  )

/**
 * Reads again what was read before somebody was found, for whoever was missed. Sessions and roles are found early, because
 * the newest files are read first.
 */
export const readMissed = async <State>(run: BucketRun<State>): Promise<void> => {
  for (let missed = missedBy(run); missed.length > 0; missed = missedBy(run)) {
    const first = Math.min(...missed.map(({ place }) => run.searched[place] ?? 0))
    lookForOnly(run.seekers, run.targets.slice(first), false)
    await workThrough(
      [missed],
      ({ object }) => object.size,
      run.room,
      ({ object, place }) => readOne(run, object, place, false),
    )
  }
}

interface Numbered {
  readonly object: LogObject
  readonly place: number
}

/** The list is fetched to its end at once, so that it is soon known how much there is; its keys are kept anyway. */
async function* numbered<State>(
  run: BucketRun<State>,
  found: AsyncIterable<readonly LogObject[]>,
): AsyncGenerator<readonly Numbered[]> {
  let next = 0
  for await (const page of eagerly(found, (listed) => noteListed(run, listed)))
    yield page.map((object) => ({ object, place: next++ }))
}

const noteListed = <State>(run: BucketRun<State>, page: readonly LogObject[] | undefined): void => {
  if (!page) run.isListed = true
  for (const object of page ?? []) {
    run.objects.push(object)
    run.searched.push(0)
    run.listedBytes += object.size
  }
}

const missedBy = <State>({ objects, searched, targets }: BucketRun<State>): readonly Numbered[] =>
  objects.flatMap((object, place) => {
    const missing = targets.slice(searched[place] ?? 0)
    const isMissed = missing.some(({ since }) => since === undefined || mayHold(object.key, { from: since }))
    if (!isMissed) searched[place] = targets.length
    return isMissed ? [{ object, place }] : []
  })

const readOne = async <State>(run: BucketRun<State>, object: LogObject, place: number, isFirst: boolean): Promise<void> => {
  const fetched = await readObject(run, object)
  run.bucket.signal.throwIfAborted()
  if ('trouble' in fetched) noteTrouble(run, object, fetched.trouble, isFirst)
  else if (isFirst) noteRead(run, object, fetched.taken)
  // What cannot be had is not asked for again.
  run.searched[place] = 'trouble' in fetched ? run.targets.length : fetched.taken.searched
  if (isFirst) run.done += 1
  run.told()
  // Scanning keeps the processor: timers, keys and sockets get their turn.
  await new Promise((resolve) => setImmediate(resolve))
}

const noteRead = <State>(run: BucketRun<State>, object: LogObject, { bytes, events, why }: FileRead): void => {
  run.files += 1
  run.bytes += bytes
  run.events += events
  if (why !== undefined) run.bad.push({ path: pathOf(run, object), why })
}

const pathOf = <State>({ bucket }: BucketRun<State>, { key }: LogObject): string => addressOf({ ...bucket.address, prefix: key })

const noteTrouble = <State>(run: BucketRun<State>, object: LogObject, trouble: ObjectTrouble, isFirst: boolean): void => {
  if (trouble.kind === 'bug') throw trouble.error
  if (trouble.kind === 'end') throw failureOf(trouble.error, `read ${pathOf(run, object)}`)
  const path = pathOf(run, object)
  if (!isFirst) {
    // It was read for those who were known then, and not for who was found since.
    if (!run.bad.some((bad) => bad.path === path)) run.bad.push({ path, why: `It could not be read again: ${trouble.why}` })
    return
  }
  run.bad.push({ path, why: trouble.why })
  const count = (run.troubles.get(trouble.kind) ?? 0) + 1
  run.troubles.set(trouble.kind, count)
  if (run.files === 0 && count >= HOPELESS) throw hopeless(run, trouble)
}

/** What the responder can do about files that he may list and not read, by what is wrong with them. */
export const remedyFor = ({ bucket, prefix }: { bucket: string; prefix: string }, kind: ObjectTrouble['kind']): string => {
  if (kind === 'denied') return `allow the responder s3:GetObject on arn:aws:s3:::${bucket}/${prefix}*`
  if (kind === 'key-denied' || kind === 'key')
    return 'allow the responder kms:Decrypt on the key with which the trail encrypts, in the policy of the key and in his own'
  if (kind === 'archived') return 'restore the objects (s3:RestoreObject), which takes hours, or ask Athena or CloudTrail Lake'
  return 'check the network, then ask again'
}

const hopeless = <State>({ bucket }: BucketRun<State>, { kind, why, error }: ObjectTrouble): Failure =>
  new Failure({
    kind: kind === 'denied' || kind === 'key-denied' ? 'identity' : kind === 'later' ? 'unavailable' : 'blocked',
    what: `none of the first ${HOPELESS} log files in ${addressOf(bucket.address)} could be read`,
    why,
    remedy: remedyFor(bucket.address, kind),
    cause: error,
  })
