import type { Block } from '../incident/values/block.ts'
import { asciiJson, rawLine } from '../incident/values/show.ts'
import type { Report } from './compose.ts'

/**
 * The report as an ASCII JSON document, indented, ending in a line feed. Texts are complete and raw: escape them before you show them.
 * Of a damaged journal, the first line says so: it has the member `damage`.
 */
export const reportJson = ({ damage, ...report }: Report): string => {
  const sections = report.sections.map(({ heading, blocks }) => ({ heading, blocks: blocks.map(shapeOf) }))
  const document = `${asciiJson({ ...report, sections }, 2)}\n`
  // On the first line, beside the bracket: who reads only that must know.
  return damage === undefined ? document : document.replace('{', () => `{ "damage": ${asciiJson(damage)},`)
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
