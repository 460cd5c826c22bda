import type { Block, Line } from '../incident/values/block.ts'

/** How a line and a piece of our own text are said: escaped for people, whole for programs. */
export interface Speech {
  line(line: Line): string
  ours(text: string): string
}

/** Blocks as plain lines, each complete in itself: for screen readers, logs and JSON. A table becomes one line a record. */
export const flatten = (blocks: readonly Block[], speech: Speech): string[] =>
  blocks.flatMap((block) => flattenBlock(block, speech))

const flattenBlock = (block: Block, { line, ours }: Speech): string[] => {
  switch (block.type) {
    case 'heading':
      return [ours(`${block.text}${block.sources.length > 0 ? ` (${block.sources.join(', ')})` : ''}`)]
    case 'text':
      return [line(block.line)]
    case 'warning':
      return [`warning: ${line(block.line)}`]
    case 'fields':
      return block.fields.map(([label, value]) => `${ours(label)}: ${line(value)}`)
    case 'list':
      return block.lines.map((item) => `- ${line(item)}`)
    case 'table':
      return block.rows.map((row) => row.map((cell, index) => `${ours(block.head[index] ?? '')}: ${line(cell)}`).join('; '))
    case 'code':
      return block.text.split('\n').map(ours)
    case 'link':
      return [`${ours(block.label)}: ${ours(block.url)}`]
  }
}
