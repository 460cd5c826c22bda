import { failureOf } from '../../../aws/failure.ts'
import { Failure } from '../../../incident/values/failure.ts'
import type { BadFile } from '../../source.ts'
import type { ScannedFile } from '../log-files/count-matches.ts'
import { readBuffers } from '../log-files/decode/read-file.ts'
import { mayHoldRecordsOf } from '../log-files/discover/file-names.ts'
import { setTargets } from '../log-files/match/matchers.ts'
import type { LogObject } from './bucket.ts'
import { addressOf, type BucketAddress } from './bucket-address.ts'
import { eagerly, type InFlight, workThrough } from './in-parallel.ts'
import type { ObjectError } from './object-error.ts'
import { type ObjectReading, readObject } from './read-object.ts'

/** One reading of a bucket, as far as it has come. */
export interface BucketRun<State> extends ObjectReading<State> {
  readonly inFlight: InFlight
  /** The objects that were listed so far. */
  readonly objects: LogObject[]
  /** Bytes of these objects. */
  listedBytes: number
  /** The list of objects is complete. */
  isListed: boolean
  /** For each object, by index, how many of the targets it was searched for, from the first on. */
  readonly searched: number[]
  readonly bad: BadFile[]
  /** Objects in which the principal's search term stands, and none of whose records is the principal's. */
  readonly mentionedIn: string[]
  /** How many objects could not be read, by kind of error. */
  readonly errorCounts: Map<ObjectError['kind'], number>
  /** Objects that were requested. */
  done: number
  /** Objects that were read, and the bytes and events in them. */
  files: number
  bytes: number
  events: number
  /** CallIdentity after each object. */
  readonly onObject: () => void
}

export const beginBucketRun = <State>(
  given: Pick<BucketRun<State>, 'bucket' | 'clock' | 'matchers' | 'inFlight' | 'hashes'>,
  onObject: () => void,
): BucketRun<State> => ({
  ...given,
  ...{
    buffers: readBuffers(),
    targets: [...given.matchers.targets.values()],
    objects: [],
    searched: [],
    listedBytes: 0,
    isListed: false,
  },
  ...{
    remembered: new Map(),
    rememberedBytes: 0,
    bad: [],
    mentionedIn: [],
    errorCounts: new Map(),
    done: 0,
    files: 0,
    bytes: 0,
    events: 0,
    onObject,
  },
  scanning: Promise.resolve(),
})

/** The reading ends when so many objects were refused and none was read. */
const ALL_REFUSED = 20

/** The first pass: downloads and scans objects as they are listed. */
export const readFirst = async <State>(run: BucketRun<State>, found: AsyncIterable<readonly LogObject[]>): Promise<void> =>
  workThrough(
    numbered(run, found),
    ({ object }) => object.size,
    run.inFlight,
    ({ object, place }) => readOne(run, object, place, true),
  )

/**
 * The later passes: reads again the objects that were read before a target was found. They are few, because the newest objects
 * are read first and show most sessions and roles.
 */
export const readMissed = async <State>(run: BucketRun<State>): Promise<void> => {
  for (let missed = missedBy(run); missed.length > 0; missed = missedBy(run)) {
    const first = Math.min(...missed.map(({ place }) => run.searched[place] ?? 0))
    setTargets(run.matchers, run.targets.slice(first), false)
    await workThrough(
      [missed],
      ({ object }) => object.size,
      run.inFlight,
      ({ object, place }) => readOne(run, object, place, false),
    )
  }
}

interface Numbered {
  readonly object: LogObject
  readonly place: number
}

/** Lists all objects at once, without waiting for the downloads, so that progress soon knows how much there is. */
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
    const isMissed = missing.some(({ since }) => since === undefined || mayHoldRecordsOf(object.key, { from: since }))
    if (!isMissed) searched[place] = targets.length
    return isMissed ? [{ object, place }] : []
  })

const readOne = async <State>(run: BucketRun<State>, object: LogObject, place: number, isFirst: boolean): Promise<void> => {
  const fetched = await readObject(run, object)
  run.bucket.signal.throwIfAborted()
  if ('error' in fetched) noteError(run, object, fetched.error, isFirst)
  else if (isFirst) noteRead(run, object, fetched.taken)
  // An object that cannot be read is not requested again.
  run.searched[place] = 'error' in fetched ? run.targets.length : fetched.taken.searched
  if (isFirst) run.done += 1
  run.onObject()
  // Scanning occupies the thread: timers, key presses and sockets get their turn here.
  await new Promise((resolve) => setImmediate(resolve))
}

const noteRead = <State>(run: BucketRun<State>, object: LogObject, { bytes, events, why, isMention }: ScannedFile): void => {
  run.files += 1
  run.bytes += bytes
  run.events += events
  if (why !== undefined) run.bad.push({ path: pathOf(run, object), why })
  if (isMention) run.mentionedIn.push(pathOf(run, object))
}

const pathOf = <State>({ bucket }: BucketRun<State>, { key }: LogObject): string => addressOf({ ...bucket.address, prefix: key })

const noteError = <State>(run: BucketRun<State>, object: LogObject, error: ObjectError, isFirst: boolean): void => {
  if (error.kind === 'bug') throw error.cause
  if (error.kind === 'end') throw failureOf(error.cause, `read ${pathOf(run, object)}`)
  const path = pathOf(run, object)
  if (!isFirst) {
    // The first pass read it; the targets that were found since are missing.
    if (!run.bad.some((bad) => bad.path === path)) run.bad.push({ path, why: `It could not be read a second time: ${error.why}` })
    return
  }
  run.bad.push({ path, why: error.why })
  const count = (run.errorCounts.get(error.kind) ?? 0) + 1
  run.errorCounts.set(error.kind, count)
  if (run.files === 0 && count >= ALL_REFUSED) throw allRefused(run, error)
}

/** What to do about objects that can be listed but not read: a clause. */
export const remedyFor = ({ bucket, prefix }: BucketAddress, kind: ObjectError['kind']): string => {
  if (kind === 'denied') return `allow the responder s3:GetObject on arn:aws:s3:::${bucket}/${prefix}*`
  if (kind === 'key-denied' || kind === 'key')
    return 'allow the responder kms:Decrypt on the KMS key of the trail, in the key policy and in an IAM policy'
  if (kind === 'archived') return 'restore the objects (s3:RestoreObject), which takes hours, or query Athena or CloudTrail Lake'
  return 'check the network, then run the command again'
}

const allRefused = <State>({ bucket }: BucketRun<State>, { kind, why, cause }: ObjectError): Failure =>
  new Failure({
    kind: kind === 'denied' || kind === 'key-denied' ? 'identity' : kind === 'later' ? 'unavailable' : 'blocked',
    what: `none of the first ${ALL_REFUSED} log files in ${addressOf(bucket.address)} could be read`,
    why,
    remedy: remedyFor(bucket.address, kind),
    cause,
  })
