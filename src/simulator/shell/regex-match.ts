import type { Node, Regex, Sequence } from './regex-syntax.ts'

export interface Match {
  readonly start: number
  readonly end: number
  /** The text of each `\(…\)`, counted from 1; what took part in no match is empty. */
  readonly groups: readonly string[]
}

type Span = readonly [start: number, end: number]
type Continue = (at: number) => boolean

interface Search {
  readonly text: string
  readonly spend: (steps: number) => void
  readonly spans: (Span | undefined)[]
  depth: number
}

/** Pieces of a pattern within one attempt that are not yet behind it: each takes some of the stack. */
const DEEPEST = 500

const isIn = (node: Node, search: Search, at: number): boolean =>
  node.type === 'set' && at < search.text.length && node.bytes[search.text.charCodeAt(at)] === true

const matchGroup = (node: Extract<Node, { type: 'group' }>, search: Search, at: number, then: Continue): boolean =>
  node.alternatives.some((alternative) =>
    matchFrom(alternative, 0, search, at, (end) => {
      const before = search.spans[node.index]
      search.spans[node.index] = [at, end]
      if (then(end)) return true
      search.spans[node.index] = before
      return false
    }),
  )

type Repeat = Extract<Node, { type: 'repeat' }>

const repeatSet = ({ node, min, max }: Repeat, search: Search, at: number, then: Continue): boolean => {
  let count = 0
  while (count < max && isIn(node, search, at + count)) count += 1
  search.spend(count)
  for (; count >= min; count -= 1) if (then(at + count)) return true
  return false
}

const repeatAny = (repeat: Repeat, done: number, search: Search, at: number, then: Continue): boolean => {
  const again = (end: number) => (end > at || done < repeat.min) && repeatAny(repeat, done + 1, search, end, then)
  return (done < repeat.max && matchNode(repeat.node, search, at, again)) || (done >= repeat.min && then(at))
}

const matchBack = (index: number, search: Search, at: number, then: Continue): boolean => {
  const span = search.spans[index]
  if (!span) return false
  const text = search.text.slice(...span)
  search.spend(text.length)
  return search.text.startsWith(text, at) && then(at + text.length)
}

const matchOne = (node: Node, search: Search, at: number, then: Continue): boolean => {
  if (node.type === 'set') return isIn(node, search, at) && then(at + 1)
  if (node.type === 'start') return at === 0 && then(at)
  if (node.type === 'end') return at === search.text.length && then(at)
  if (node.type === 'group') return matchGroup(node, search, at, then)
  if (node.type === 'back') return matchBack(node.index, search, at, then)
  return node.node.type === 'set' ? repeatSet(node, search, at, then) : repeatAny(node, 0, search, at, then)
}

const matchNode = (node: Node, search: Search, at: number, then: Continue): boolean => {
  search.spend(1)
  search.depth += 1
  if (search.depth > DEEPEST) throw new Error('Memory exhausted')
  const found = matchOne(node, search, at, then)
  search.depth -= 1
  return found
}

const matchFrom = (sequence: Sequence, first: number, search: Search, start: number, then: Continue): boolean => {
  let index = first
  let at = start
  for (let node = sequence[index]; node?.type === 'set'; node = sequence[index]) {
    search.spend(1)
    if (!isIn(node, search, at)) return false
    index += 1
    at += 1
  }
  const node = sequence[index]
  if (!node) return then(at)
  const next = index + 1
  return matchNode(node, search, at, (end) => matchFrom(sequence, next, search, end, then))
}

/** The longest match that starts here, as POSIX asks; for a pattern with one way to match, the first is the longest. */
const matchAt = (regex: Regex, text: string, start: number, spend: Search['spend']): Match | undefined => {
  const search: Search = { text, spend, spans: [], depth: 0 }
  let longest: Match | undefined
  const keep = (end: number): boolean => {
    if (longest && end <= longest.end) return false
    const groups = Array.from({ length: regex.groups }, (_group, index) => text.slice(...(search.spans[index + 1] ?? [0, 0])))
    longest = { start, end, groups }
    return !regex.isAmbiguous || end === text.length
  }
  regex.alternatives.some((alternative) => matchFrom(alternative, 0, search, start, keep))
  return longest
}

/**
 * Finds the leftmost match at or after `from`. An interpreter and not a translation to RegExp: patterns come from whoever
 * may send a command, and only counted steps (`spend` throws when there are none left) end a pattern made to backtrack.
 */
export const findMatch = (regex: Regex, text: string, from: number, spend: (steps: number) => void): Match | undefined => {
  const isAnchored = regex.alternatives.every(([first]) => first?.type === 'start')
  for (let start = from; start <= (isAnchored ? 0 : text.length); start += 1) {
    const match = matchAt(regex, text, start, spend)
    if (match) return match
  }
  return undefined
}
