import { asciiJson } from './values/show.ts'

/** Characters that a part of a fact may have: a line of the journal has an end (256 KiB), and a fact has two large parts at most. */
const PART_ROOM = 100_000

/** Characters of a value in a journal, at most: written in printable ASCII. */
export const journalSizeOf = (value: unknown): number => asciiJson(value).length

const TRIED = [200, 100, 50, 25, 12, 6, 3, 1]

/** What is made with the most rows with which it fits. The attacker writes some of the texts, and can make them long. */
export const fitting = <T>(make: (rows: number) => T, room: number = PART_ROOM): T => {
  const made = TRIED.map((rows) => () => make(rows))
  const fits = made.find((each) => journalSizeOf(each()) <= room)
  return (fits ?? (() => make(0)))()
}

/** The first items that fit together. */
export const firstFitting = <T>(items: readonly T[], room: number = PART_ROOM): readonly T[] => {
  let left = room
  const end = items.findIndex((item) => {
    left -= journalSizeOf(item) + 1
    return left < 0
  })
  return end < 0 ? items : items.slice(0, end)
}
