import { assignments } from './assignments.ts'
import { newTally, redactedMark, type SecretKind, type Tally } from './kinds.ts'
import { keyEnds, privateKeys, puttyKeys } from './private-keys.ts'
import { rangesOf, type SecretRange } from './rule.ts'
import { tokenRules } from './tokens.ts'

/** The most telling first: where two find the same, the first one names its kind. */
const RULES = [privateKeys, keyEnds, puttyKeys, ...tokenRules, assignments]

/** What text must contain to hold a secret. Most has none of it, and is done with. */
const MAY_HOLD =
  /pass|pwd|secret|token|key|auth|bearer|signature|credential|[?&]sig|----|:\/\/|eyJ|IQoJ|FwoG|FQoG|AQoD|AKIA|ASIA|gh[pousr]_|github_pat|xox|[sr]k[_-]|glpat|npm_|AIza|ya29|GOCSPX|dop_v1|shp|hv[bs]\.|pypi-|ABSK|dckr_|SG\.|\$[\w]{1,8}\$| -u | --|net user|[\w+/]{32}|Private-Lines|\p{Cc}|\p{Cf}/iu

/** How deep base64 in base64 is looked into. */
const DEPTH = 2

/**
 * Text with each secret in it replaced by `[redacted:<kind>]`, and everything else as it was. A secret is found too where colour
 * codes, zero bytes (UTF-16) or invisible characters stand in it, where a screen wrapped it, and inside base64. The cost is
 * linear in the length. Redacting twice changes nothing more. `tally` counts what was redacted.
 */
export const redactText = (text: string, tally?: Tally): string => redactAt(text, tally, DEPTH)

const redactAt = (text: string, tally: Tally | undefined, depth: number): string => {
  if (!MAY_HOLD.test(text)) return text
  const ranges = secretsIn(text, depth)
  if (ranges.length === 0) return text
  let redacted = ''
  let at = 0
  for (const { from, to, kind } of ranges) {
    redacted += text.slice(at, from) + redactedMark(kind)
    tally?.add(kind)
    at = to
  }
  return redacted + text.slice(at)
}

/** The secrets in the order of the text, none over another. */
const secretsIn = (text: string, depth: number): readonly SecretRange[] => {
  const plain = withoutInvisible(text)
  const joined = withoutWraps(plain)
  const found = [plain, ...(joined === plain ? [] : [joined])].flatMap((reading) =>
    [...RULES.map((rule) => rangesOf(reading.text, rule)), ...(depth > 0 ? [encodedSecrets(reading.text, depth)] : [])].flatMap(
      (ranges, rank) => ranges.map((range) => ({ ...placed(range, reading), rank })),
    ),
  )
  return merged(found)
}

/** A text without some of its characters, and where each that is left stood. */
interface Reading {
  readonly text: string
  /** Absent where nothing was left out. */
  readonly places?: Uint32Array
}

const placed = ({ from, to, kind }: SecretRange, { places }: Reading): SecretRange =>
  places ? { from: places[from] ?? 0, to: (places[to - 1] ?? 0) + 1, kind } : { from, to, kind }

/** Colour and title codes, control characters but tab and line feed, and what shows nothing. */
const INVISIBLE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  /\u001b\[[0-?]{0,32}[ -/]{0,4}[@-~]|\u001b\][^\u0007\u001b]{0,256}(?:\u0007|\u001b\\)|\u001b[ -/]?[0-~]|(?![\t\n])\p{Cc}|\p{Cf}/gu

const withoutInvisible = (text: string): Reading => without({ text }, INVISIBLE)

/** A line feed in the middle of what has no spaces, in a long line: the screen's and not the text's. */
const WRAP = /\n(?=[\w+/=%.~-])(?<=(?:[\w+/=%.~-]{16}|[^\n]{60}[\w+/=%.~-])\n)/g

const withoutWraps = (reading: Reading): Reading => without(reading, WRAP)

const without = (reading: Reading, pattern: RegExp): Reading => {
  const { text, places } = reading
  const left: string[] = []
  const kept = new Uint32Array(text.length)
  let length = 0
  let at = 0
  const keep = (to: number): void => {
    left.push(text.slice(at, to))
    for (let place = at; place < to; place += 1) kept[length++] = places?.[place] ?? place
  }
  for (const match of text.matchAll(pattern)) {
    keep(match.index)
    at = match.index + match[0].length
  }
  if (at === 0) return reading
  keep(text.length)
  return { text: left.join(''), places: kept.subarray(0, length) }
}

const BASE64 = /[\w+/-]{24,}={0,2}/g
const SAMPLE = 64

/** Runs of base64 in whose content a secret is. */
const encodedSecrets = (text: string, depth: number): readonly SecretRange[] =>
  [...text.matchAll(BASE64)].flatMap(({ 0: run, index }) => {
    const kind = kindInside(run, depth)
    return kind ? [{ from: index, to: index + run.length, kind }] : []
  })

/** What stands before base64 may look like it (`path/…`), so it is read from each of its first four places. */
const kindInside = (run: string, depth: number): SecretKind | undefined => {
  for (let start = 0; start < 4; start += 1) {
    if (!isReadable(decoded(run.slice(start, start + SAMPLE)))) continue
    const content = decoded(run.slice(start))
    const tally = newTally()
    if (redactAt(content, tally, depth - 1) === content) continue
    return tally.counts()[0]?.kind
  }
  return undefined
}

const decoded = (base64: string): string => Buffer.from(base64, 'base64').toString('latin1')

/** Nearly all of it is ASCII that can be read; zero bytes may stand between (UTF-16). */
const isReadable = (sample: string): boolean => sample.replace(/[\t\n\r -~]|\0/g, '').length * 12 <= sample.length

const merged = (found: readonly (SecretRange & { readonly rank: number })[]): readonly SecretRange[] => {
  const all: { from: number; to: number; kind: SecretKind; rank: number }[] = []
  for (const range of [...found].sort((a, b) => a.from - b.from || b.to - a.to)) {
    const last = all.at(-1)
    if (!last || range.from >= last.to) {
      all.push({ ...range })
      continue
    }
    last.to = Math.max(last.to, range.to)
    if (range.rank < last.rank) Object.assign(last, { kind: range.kind, rank: range.rank })
  }
  return all
}
