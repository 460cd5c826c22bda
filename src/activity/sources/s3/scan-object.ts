import { constants, gunzipSync } from 'node:zlib'
import { readRecord } from '../../record.ts'
import { readEvents } from '../log-files/read-events.ts'
import { type Desk, unpackQuickly } from '../log-files/read-log.ts'
import { needlesOf, type Seekers, type Target, take } from '../log-files/seekers.ts'

/** What became of an object's bytes. */
export interface Scanned {
  /** CloudTrail records in them. */
  readonly events: number
  /** Why not all of it could be read: a sentence. */
  readonly why?: string
  /** Whom else its records tell to look for. */
  readonly found: readonly Target[]
}

/** CloudTrail's files unpack to a few megabytes; what unpacks to more than this is made to fill the memory. Bytes. */
const MOST = 512 * 2 ** 20

/** Counts the records of a log file that the questions need. `desk` is room to work in. */
export const scanObject = <State>(packed: Buffer, desk: Desk, seekers: Seekers<State>): Scanned => {
  const { bytes, fault: broken } = unpack(packed, desk)
  const found: Target[] = []
  for (;;) {
    const before = found.length
    const events = readEvents(bytes, needlesOf(seekers), desk.records, {
      take: (document) => {
        const record = readRecord(document)
        if (record) found.push(...take(seekers, record))
      },
    })
    // Whoever is found in the bytes is looked for in them at once; a record that is taken again counts once.
    if (found.length > before) continue
    const fault = broken ?? events.fault
    return { events: events.events, found, ...(fault === undefined ? {} : { why: sentence(fault, events.events) }) }
  }
}

interface Unpacked {
  readonly bytes: Buffer
  /** A clause. */
  readonly fault?: string
}

const unpack = (packed: Buffer, desk: Desk): Unpacked => {
  if (packed[0] !== 0x1f || packed[1] !== 0x8b) return { bytes: packed }
  const quickly = unpackQuickly(packed, desk)
  return quickly ? { bytes: quickly } : unpackCarefully(packed)
}

/** Larger than usual, or damaged: then all that comes before the damage is taken, if zlib gives it. */
const unpackCarefully = (packed: Buffer): Unpacked => {
  const whole = gunzipped(packed)
  if (Buffer.isBuffer(whole)) return { bytes: whole }
  const part = gunzipped(packed, constants.Z_SYNC_FLUSH)
  if (Buffer.isBuffer(part)) return { bytes: part, fault: 'its gzip data breaks off' }
  return { bytes: Buffer.alloc(0), fault: `its gzip data is damaged (${part})` }
}

const gunzipped = (packed: Buffer, finishFlush?: number): Buffer | string => {
  try {
    return gunzipSync(packed, { maxOutputLength: MOST, ...(finishFlush === undefined ? {} : { finishFlush }) })
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const sentence = (fault: string, events: number): string =>
  `${fault.charAt(0).toUpperCase()}${fault.slice(1)}.${events > 0 ? ` The ${events} events that it still shows were read.` : ''}`
