import type { Block } from '../incident/values/block.ts'
import { asciiJson, rawLine } from '../incident/values/show.ts'
import type { Report } from './compose.ts'

/** The report as an ASCII JSON document, indented, ending in a line feed. Texts are complete and raw: escape them before you show them. */
export const reportJson = (report: Report): string => {
  const sections = report.sections.map(({ heading, blocks }) => ({ heading, blocks: blocks.map(shapeOf) }))
  return `${asciiJson({ ...report, sections }, 2)}\n`
}

const shapeOf = (block: Block): object => {
  switch (block.type) {
    case 'text':
    case 'warning':
      return { type: block.type, text: rawLine(block.line) }
    case 'fields':
      return { type: block.type, fields: block.fields.map(([label, line]) => ({ label, text: rawLine(line) })) }
    case 'list':
      return { type: block.type, lines: block.lines.map(rawLine) }
    case 'table':
      return { type: block.type, head: block.head, rows: block.rows.map((row) => row.map(rawLine)) }
    case 'heading':
    case 'code':
    case 'link':
      return block
  }
}
