import { snapshot } from './canonical.ts'
import { type AnyEntry, chainStart } from './chain.ts'
import { type Journal, sealForWriting, shortHead } from './journal.ts'

/** A journal without a disk, for tests and for runs that leave nothing behind. It takes and refuses the same entries as a real one. */
export const memoryJournal = <E extends AnyEntry>(entries: readonly E[] = [], incident = 'in-memory'): Journal<E> => {
  const written: E[] = []
  let head = chainStart(incident)
  let closed = false
  const write = (entry: E): void => {
    const { line } = sealForWriting(head, written.length + 1, snapshot(entry))
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
