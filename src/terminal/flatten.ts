import type { Block, Line } from '../incident/values/block.ts'

/** How a line and a text of ir-cred are written: escaped for people, raw for programs. */
export interface TextRules {
  line(line: Line): string
  own(text: string): string
}

/** Blocks as plain lines, each complete in itself: for screen readers, logs and JSON. A table becomes one line a row. */
export const flatten = (blocks: readonly Block[], rules: TextRules): string[] =>
  blocks.flatMap((block) => flattenBlock(block, rules))

const flattenBlock = (block: Block, { line, own }: TextRules): string[] => {
  switch (block.type) {
    case 'heading':
      return [own(`${block.text}${block.sources.length > 0 ? ` (${block.sources.join(', ')})` : ''}`)]
    case 'text':
      return [line(block.line)]
    case 'warning':
      return [`warning: ${line(block.line)}`]
    case 'fields':
      return block.fields.map(([label, value]) => `${own(label)}: ${line(value)}`)
    case 'list':
      return block.lines.map((item) => `- ${line(item)}`)
    case 'table':
      return block.rows.map((row) => row.map((cell, index) => `${own(block.head[index] ?? '')}: ${line(cell)}`).join('; '))
    case 'code':
      return block.text.split('\n').map(own)
    case 'link':
      return [`${own(block.label)}: ${own(block.url)}`]
  }
}
