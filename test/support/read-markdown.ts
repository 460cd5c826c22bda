/**
 * Markdown with its code spans emptied, as CommonMark reads them: a run of backticks ends at the next run of the same
 * length; a backslash escapes outside of them only. What is left is structure and our own words.
 */
export const withoutCodeSpans = (markdown: string): string => markdown.split('\n').map(emptied).join('\n')

const emptied = (line: string): string => {
  let rest = line
  let kept = ''
  for (let next = /\\.|`+/.exec(rest); next; next = /\\.|`+/.exec(rest)) {
    const [found] = next
    const after = rest.slice(next.index + found.length)
    kept += rest.slice(0, next.index) + (found.startsWith('`') ? '' : found)
    const end = found.startsWith('`') ? closing(after, found.length) : undefined
    kept += found.startsWith('`') ? (end === undefined ? found : '``') : ''
    rest = end === undefined ? after : after.slice(end)
  }
  return kept + rest
}

/** Where a code span's closing run of backticks ends. */
const closing = (text: string, length: number): number | undefined => {
  const run = [...text.matchAll(/`+/g)].find(([ticks]) => ticks.length === length)
  return run ? run.index + length : undefined
}

/**
 * How many cells a table's row has, code spans or not (GitHub Flavored Markdown, "Tables"). Readers differ in whether a
 * backslash that is escaped itself still escapes the pipe after it: the reading that finds more cells counts.
 */
export const cellsIn = (row: string): number =>
  Math.max(...[/\\\|/g, /\\./g].map((escaped) => row.replace(escaped, '').split('|').length - 2))
