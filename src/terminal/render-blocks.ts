import type { Block, Line } from '../incident/values/block.ts'
import { show, showIdentifier } from '../incident/values/show.ts'
import { layOutTable } from './table.ts'
import type { Theme, Tone } from './theme.ts'
import { showWithTimes, type Viewpoint } from './time.ts'
import { padTo, widthOf } from './width.ts'
import { hang, wrap } from './wrap.ts'

/** How blocks are laid out on a terminal. */
export interface RenderSettings {
  readonly width: number
  readonly indent: number
  readonly theme: Theme
  readonly viewpoint: Viewpoint
  readonly tone?: Tone
  /** Columns that the labels of fields take at least, to align several blocks. */
  readonly labelWidth?: number
  /** Keeps each value of a field on one line, however wide, because people copy it. */
  readonly whole?: boolean
}

/** On narrower screens, labels have no column of their own. */
const NARROW = 50

/** Blocks as lines of a terminal, at most `width` columns wide. Code and addresses are never broken, because people copy them. */
export const renderBlocks = (blocks: readonly Block[], setting: RenderSettings): string[] =>
  blocks.flatMap((block) => renderBlock(block, setting))

const renderBlock = (block: Block, setting: RenderSettings): string[] => {
  const { theme, tone = 'plain' } = setting
  const margin = ' '.repeat(setting.indent)
  const room = setting.width - setting.indent
  const toned = (lines: readonly string[], lineTone: Tone = tone): string[] =>
    lines.map((line) => margin + theme.tone(lineTone, theme.escapes(line)))
  switch (block.type) {
    case 'heading':
      return ['', margin + theme.tone('heading', own(block.text)) + sourceNames(block.sources)]
    case 'text':
      return toned(wrap(shown(block.line, setting), room))
    case 'warning':
      return toned(hang('warning  ', shown(block.line, setting), room), tone === 'plain' ? 'warning' : tone)
    case 'list':
      return toned(block.lines.flatMap((line) => hang('- ', shown(line, setting), room)))
    case 'fields':
      return renderFields(block.fields, setting)
    case 'table':
      return toned(
        layOutTable(
          block.head.map(own),
          block.rows.map((row) => row.map(cellOf(setting))),
          room,
        ),
      )
    case 'code':
      return toned(block.text.split('\n').map(own))
    case 'link':
      return toned([...wrap(`${own(block.label)}:`, room), `  ${showIdentifier(block.url)}`])
  }
}

const sourceNames = (names: readonly string[]): string => (names.length > 0 ? ` (${names.map(own).join(', ')})` : '')

const renderFields = (rows: readonly (readonly [label: string, line: Line])[], setting: RenderSettings): string[] => {
  const { theme, tone = 'plain', width, indent, labelWidth = 0, whole = false } = setting
  const margin = ' '.repeat(indent)
  const column = Math.max(labelWidth, ...rows.map(([label]) => widthOf(own(label)) + 2))
  const beside = width >= NARROW && column <= width / 3
  return rows.flatMap(([name, line]) => {
    const label = beside ? padTo(own(name), column) : `${own(name)}: `
    const text = shown(line, setting)
    const [first = '', ...rest] = whole
      ? unbroken(label, text, width - indent)
      : hang(label, text, width - indent, beside ? column : 2)
    const value = theme.tone(tone, theme.escapes(first.slice(label.length)))
    return [
      margin + theme.label(value === '' ? label.trimEnd() : label) + value,
      ...rest.map((further) => margin + theme.tone(tone, theme.escapes(further))),
    ]
  })
}

/** Beside its label where there is room, below it otherwise. */
const unbroken = (label: string, text: string, room: number): string[] =>
  widthOf(label + text) <= room ? [label + text] : [label.trimEnd(), `  ${text}`]

const shown = (line: Line, { viewpoint }: RenderSettings): string => showWithTimes(line, viewpoint)

/** A cell shows UTC only: local time does not fit. */
const cellOf =
  ({ viewpoint: { reference, limit } }: RenderSettings) =>
  (line: Line): string =>
    showWithTimes(line, { reference, limit })

const own = (text: string): string => show(text.replaceAll('\t', '  '), 'tty')
