import type { Invocation } from './command.ts'

/** The lines of a text, each with its newline; the last without, where it has none. */
export const linesOfText = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+/g) ?? []

/** A line without the newline it may end with. */
export const withoutNewline = (line: string): string => (line.endsWith('\n') ? line.slice(0, -1) : line)

/** A loop, because `\n+$` takes quadratic time on newlines that are not the last. */
export const withoutTrailingNewlines = (text: string): string => {
  let end = text.length
  while (text[end - 1] === '\n') end -= 1
  return text.slice(0, end)
}

/** What a filter reads: standard input, or its operands; there are no files, so any name is one that is not there. */
export const readOperands = (operands: readonly string[], input: Invocation['input']): { text: string; absent?: string } => {
  const names = operands.length === 0 ? ['-'] : operands
  const absent = names.find((name) => name !== '-' && name !== '/dev/null')
  const text = names.includes('-') ? input() : ''
  return absent === undefined ? { text } : { text, absent }
}

const ESCAPES: ReadonlyMap<string, string> = new Map(
  Object.entries({ a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\' }),
)

/** Replaces `\n`, `\t`, `\\`, `\101` and their kind; `unknown` says what becomes of any other escape. */
export const unescaped = (text: string, unknown = (char: string) => `\\${char}`): string =>
  text.replace(/\\([0-7]{1,3}|[\s\S])/g, (_whole, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(Number.parseInt(code, 8) % 256) : (ESCAPES.get(code) ?? unknown(code)),
  )
