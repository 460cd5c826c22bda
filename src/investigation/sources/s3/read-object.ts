import { AT_ONCE } from '../log-files/read-log.ts'
import type { FileRead } from '../log-files/scan-bytes.ts'
import { targetName } from '../log-files/seekers.ts'
import type { LogObject } from './bucket.ts'
import type { BucketRun } from './bucket-run.ts'
import { type Body, bytesIn, type Downloaded, download } from './download.ts'
import { scanObject, scanStream } from './scan-object.ts'

/** Bytes that are remembered. */
const MEMORY = 64 * 2 ** 20

/** Fetches an object and scans it; `searched` counts of all the targets of the run. */
export const readObject = <State>(run: BucketRun<State>, object: LogObject): Promise<Downloaded<FileRead>> =>
  object.size > AT_ONCE ? readLarge(run, object) : readSmall(run, object)

/** Fetched while others are scanned. */
const readSmall = async <State>(run: BucketRun<State>, object: LogObject): Promise<Downloaded<FileRead>> => {
  const { key } = object
  const had = run.remembered.get(key)
  const fetched = had ? { taken: had } : await download(run.bucket, object, run.clock, bytesIn)
  if ('trouble' in fetched) return fetched
  const bytes = fetched.taken
  remember(run, key, bytes)
  return { taken: await scanInTurn(run, () => scanObject(key, bytes, run.buffers, run.seekers)) }
}

const remember = <State>(run: BucketRun<State>, key: string, bytes: Buffer): void => {
  if (run.remembered.has(key) || run.rememberedBytes + bytes.length > MEMORY) return
  run.remembered.set(key, bytes)
  run.rememberedBytes += bytes.length
}

/** Scanned as it comes in. Where it breaks off, it is fetched again: a record counts once. */
const readLarge = <State>(run: BucketRun<State>, object: LogObject): Promise<Downloaded<FileRead>> =>
  download(run.bucket, object, run.clock, async (body) => {
    const pieces = piecesOf(body, run.bucket.signal)
    const { broken, ...read } = await scanInTurn(run, () => scanStream(object.key, pieces, run.buffers, run.seekers))
    if (broken !== undefined) throw broken
    return read
  })

async function* piecesOf(body: Body | undefined, signal: AbortSignal): AsyncGenerator<Buffer> {
  if (!body) return
  for await (const piece of body as AsyncIterable<Buffer>) {
    signal.throwIfAborted()
    yield piece
  }
}

/** Scans when nobody else does: whoever one object shows is looked for in the next one. */
const scanInTurn = <State, Read extends FileRead>(run: BucketRun<State>, read: () => Promise<Read>): Promise<Read> => {
  const scanned = run.scanning.then(async () => {
    const before = run.targets.length
    const file = await read()
    for (const target of file.found)
      if (!run.targets.some((known) => targetName(known) === targetName(target))) run.targets.push(target)
    return { ...file, searched: file.searched === run.seekers.targets.size ? run.targets.length : before }
  })
  run.scanning = scanned.catch(() => undefined)
  return scanned
}
