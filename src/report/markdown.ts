import type { Block, Line, Span } from '../incident/values/block.ts'
import { longestRun, show, showIdentifier, showInstant, spansOf } from '../incident/values/show.ts'
import type { Report } from './compose.ts'

/**
 * The report in CommonMark with GitHub's tables, ending in a line feed. Untrusted text is in code spans and cannot become a link, an
 * image, HTML, a heading or a table cell. Other text is escaped as well. Of a damaged journal, the first line says so.
 */
export const markdown = ({ damage, title, generatedAt, sections }: Report): string => {
  const parts = [
    damage === undefined ? '' : `**${heading(`DAMAGED JOURNAL. ${damage} This report ends there.`)}**`,
    `# ${heading(title)}`,
    generatedAt === undefined ? 'The journal is empty.' : `As of ${showInstant(generatedAt)}, all times UTC.`,
    ...sections.flatMap((section) => [
      `## ${heading(section.heading)}`,
      ...section.blocks.map((block, index) => blockText(block, BULLETS[index % 2] ?? '-')),
    ]),
  ]
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** Lists that follow each other alternate, or CommonMark reads them as one. */
const BULLETS = ['-', '*'] as const

const blockText = (block: Block, bullet: string): string => {
  switch (block.type) {
    case 'heading':
      return `### ${heading(block.text)}${block.sources.length > 0 ? `\n\nSource: ${heading(block.sources.join(', '))}.` : ''}`
    case 'text':
      return paragraph(block.line)
    case 'warning':
      return `**Warning:** ${inline(block.line).trim()}`
    case 'fields':
      return block.fields.map(([label, line]) => `${bullet} ${heading(label)}: ${inline(line).trim()}`).join('\n')
    case 'list':
      return block.lines.map((line) => `${bullet} ${paragraph(line)}`).join('\n')
    case 'table':
      return tableText(block.head, block.rows)
    case 'code':
      return fenced(block.text)
    case 'link':
      return `${heading(block.label)}: ${link(block.url)}`
  }
}

const tableText = (head: readonly string[], rows: readonly (readonly Line[])[]): string => {
  const row = (cells: readonly string[]): string => `| ${cells.map((cell) => cell.trim()).join(' | ')} |`
  return [
    row(head.map(heading)),
    row(head.map(() => '---')),
    ...rows.map((cells) => row(head.map((_, index) => inline(cells[index] ?? '')))),
  ].join('\n')
}

/** Leading white space would make it a code block. */
const paragraph = (line: Line): string => inline(line).trim()

const heading = (text: string): string => show(text.trim(), 'md')

/** CommonMark reads two code spans that touch as one: a space separates them. */
const inline = (line: Line): string =>
  spansOf(line)
    .map(spanText)
    .reduce((text, span) => (text.endsWith('`') && span.startsWith('`') ? `${text} ${span}` : text + span), '')

const spanText = (span: Span): string => {
  if (typeof span === 'string') return span.split(COMMAND).map(textOrCommand).join('')
  return 'at' in span ? showInstant(span.at) : show(span, 'md')
}

/** A command of ir-cred in a text of ours, in back quotes: a code span as it stands. Its few characters mean nothing else in one. */
const COMMAND = /(`(?:npx |node )?[\w./-]*ir-cred(?:\.js)?(?: [\w .,:=/-]*)?`)/

/** Every second part is a command, because the pattern captures it. */
const textOrCommand = (part: string, index: number): string => (index % 2 === 1 ? part : show(part, 'md'))

/** Source code in a fence longer than any run of backticks inside. */
const fenced = (source: string): string => {
  const lines = source.split('\n').map((line) => show(line.replaceAll('\t', '  '), 'tty'))
  const longest = Math.max(2, longestRun(source))
  const fence = '`'.repeat(longest + 1)
  return [fence, ...lines, fence].join('\n')
}

/** Only https addresses become links; anything else is text. */
const link = (url: string): string => {
  const address = showIdentifier(url)
  return /^https:\/\/[^\s<>\\`]+$/.test(address) ? `<${address}>` : show({ untrusted: url }, 'md')
}
