import { searchTermOf } from '../../question.ts'
import { readRecord } from '../../record.ts'
import { type Events, readEvents } from './read-events.ts'
import type { ReadBuffers } from './read-log.ts'
import { countRecord, needlesOf, type Seekers, type Target } from './seekers.ts'

/** What became of one file, wherever it lies. */
export interface FileRead {
  /** As it lies there, packed. */
  readonly bytes: number
  /** CloudTrail records in it. */
  readonly events: number
  /** Why not all of it could be read: a sentence. */
  readonly why?: string
  /** Whom else its records tell to look for. */
  readonly found: readonly Target[]
  /** So many targets, from the first on, were looked for in all of it. */
  readonly searched: number
}

/** How a file is called, and whether it is gzip by its first bytes. */
export interface NamedFile {
  readonly name: string
  readonly isGzip: boolean
}

/** Counts the records of a file that the questions need. `bytes` is what is in it, `size` what it takes where it lies. */
export const scanBytes = <State>(
  bytes: Buffer,
  size: number,
  named: NamedFile,
  buffers: ReadBuffers,
  seekers: Seekers<State>,
): FileRead => {
  const { found, events, undated } = scanUntilKnown(bytes, buffers, seekers)
  return {
    ...{ bytes: size, events: events.events, found, searched: seekers.targets.size },
    ...whyOf(faultOf(named, events.fault), events.events, undated),
  }
}

/** Whoever is found in the bytes is looked for in them at once. */
export const scanUntilKnown = <State>(
  bytes: Buffer,
  buffers: ReadBuffers,
  seekers: Seekers<State>,
): { readonly events: Events; readonly found: readonly Target[]; readonly undated: number } => {
  const found: Target[] = []
  for (;;) {
    const before = found.length
    let undated = 0
    const events = readEvents(bytes, needlesOf(seekers), buffers.records, {
      // Taken again, a record counts once.
      take: (document) => {
        const record = readRecord(document)
        if (record) found.push(...countRecord(seekers, record))
        else if (mayBeMeant(seekers, document)) undated += 1
      },
    })
    if (found.length === before) return { events, found, undated }
  }
}

/** What is wrong with a file, as a clause, when its bytes are said to have the fault. */
export const faultOf = ({ name, isGzip }: NamedFile, fault: string | undefined): string | undefined =>
  fault === 'it is not JSON' && !isGzip && name.endsWith('.gz') ? 'it is neither gzip nor JSON' : fault

/** The sentences for a fault and for events without a time, with what the file showed in spite of them. */
export const whyOf = (fault: string | undefined, events: number, undated: number): { readonly why?: string } => {
  const said = [
    ...(fault === undefined ? [] : [`${fault.charAt(0).toUpperCase()}${fault.slice(1)}.${shownBy(events)}`]),
    ...(undated === 0 ? [] : [notDated(undated)]),
  ]
  return said.length === 0 ? {} : { why: said.join(' ') }
}

/** Whether somebody who is looked for is named in it. */
const mayBeMeant = <State>({ everybody, targets }: Seekers<State>, document: unknown): boolean => {
  if (everybody) return true
  const text = JSON.stringify(document)
  return [...targets.values()].some(({ principal }) => text.includes(searchTermOf(principal)))
}

const notDated = (count: number): string =>
  count === 1
    ? 'One event that may be meant has no time that can be read, and is not counted.'
    : `${count} events that may be meant have no time that can be read, and are not counted.`

/** What a file showed in spite of what is wrong with it: a sentence to be put behind another one. */
export const shownBy = (events: number): string => {
  if (events === 0) return ''
  return events === 1 ? ' The event that it still shows was read.' : ` The ${events} events that it still shows were read.`
}
