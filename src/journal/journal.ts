import { Failure } from '../incident/values/failure.ts'
import { redactJson } from '../incident/values/redaction/redact-json.ts'
import { canonicalJson, snapshot } from './canonical.ts'
import { type AnyEntry, chainStart, type SealedLine, seal, sealedText } from './chain.ts'

/** What is known of an incident, in the order in which it became known. The state of a run is the replay of its entries. */
export interface Journal<E extends AnyEntry> {
  /** All entries, those appended since opening included, exactly as they will be read again. */
  readonly entries: readonly E[]
  /** Sentences on what was repaired when it was opened. */
  readonly notes: readonly string[]
  /** The first 16 hex digits of the chain's head, as shown, reported and sent to AWS with each write. */
  head(): string
  /**
   * Resolves when the entry is on the disk: only then may ir-cred act on it. Gives the head that this entry made, as `head()` does.
   * Appends are written in the order of the calls.
   * Rejects with Failure `blocked` when the disk fails; later appends are rejected too. Rejects with TypeError for what is not plain JSON.
   */
  append(entry: E): Promise<string>
  /** Resolves when all appends have ended. Later ones are rejected. */
  close(): Promise<void>
}

/** The journal's file in an incident's directory. */
export const JOURNAL = 'journal.ndjson'

/** The most bytes of a line. What is larger belongs in an evidence file. */
export const LINE_LIMIT = 256 * 1024

/** The first 16 hex digits of a head: as it is shown, and sent to AWS. */
export const shortHead = (head: string): string => head.slice(0, 16)

/**
 * A copy of an entry as it is written and read again: secrets are redacted, whatever put them in. A cursor stays as it is, because a
 * reading goes on with it; it holds AWS's page tokens. Throws TypeError for what is not plain JSON.
 */
export const writtenForm = <E extends AnyEntry>(entry: E): E => {
  const { cursor, ...rest } = entry as E & { readonly cursor?: unknown }
  const written = JSON.parse(redactJson(canonicalJson(rest))) as E
  return cursor === undefined ? written : { ...written, cursor: snapshot(cursor) }
}

/** Seals an entry. Throws Failure `blocked` for one that is too large for a line, which is a bug. */
export const sealForWriting = <E extends AnyEntry>(
  head: string,
  n: number,
  entry: E,
): { line: SealedLine<E>; bytes: Uint8Array } => {
  const line = seal(head, n, entry)
  const bytes = Buffer.from(sealedText(line), 'utf8')
  if (bytes.length <= LINE_LIMIT) return { line, bytes }
  throw new Failure({
    kind: 'blocked',
    what: `An entry of type ${entry.type} is too large for the journal`,
    why: `it has ${bytes.length} bytes and a line may have ${LINE_LIMIT}; this is a bug in ir-cred`,
    remedy: 'Report it to the project. Nothing was written.',
  })
}

/** A journal in memory: for dry runs, and until an incident has a directory. It accepts and rejects the same entries as a file. */
export const memoryJournal = <E extends AnyEntry>(entries: readonly E[] = [], incident = 'in-memory'): Journal<E> => {
  const written: E[] = []
  let head = chainStart(incident)
  let closed = false
  const write = (entry: E): void => {
    const { line } = sealForWriting(head, written.length + 1, writtenForm(entry))
    head = line.h
    written.push(line.entry)
  }
  entries.forEach(write)
  return {
    entries: written,
    notes: [],
    head: () => shortHead(head),
    append: async (entry) => {
      if (closed) throw new Error('the journal is closed')
      write(entry)
      return shortHead(head)
    },
    close: async () => {
      closed = true
    },
  }
}
