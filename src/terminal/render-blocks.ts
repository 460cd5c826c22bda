import type { Block, Line } from '../incident/values/block.ts'
import { show, showIdentifier } from '../incident/values/show.ts'
import { layOutTable } from './table.ts'
import type { Theme, Tone } from './theme.ts'
import { sayWithTimes, type Viewpoint } from './time.ts'
import { padTo, widthOf } from './width.ts'
import { hang, wrap } from './wrap.ts'

/** How blocks are set on a terminal. */
export interface RenderSettings {
  readonly width: number
  readonly indent: number
  readonly theme: Theme
  readonly viewpoint: Viewpoint
  readonly tone?: Tone
  /** Columns that the labels of fields take at least, to keep several blocks in line. */
  readonly labelWidth?: number
  /** The values of fields are there to be copied: each stays on one line, however wide. */
  readonly whole?: boolean
}

/** Below this, labels no longer stand in a column of their own. */
const NARROW = 50

/** Blocks as lines of a terminal, at most `width` columns wide (source code and addresses excepted: they are to be copied). */
export const renderBlocks = (blocks: readonly Block[], setting: RenderSettings): string[] =>
  blocks.flatMap((block) => renderBlock(block, setting))

const renderBlock = (block: Block, setting: RenderSettings): string[] => {
  const { theme, tone = 'plain' } = setting
  const margin = ' '.repeat(setting.indent)
  const room = setting.width - setting.indent
  const toned = (lines: readonly string[], sound: Tone = tone): string[] =>
    lines.map((line) => margin + theme.tone(sound, theme.escapes(line)))
  switch (block.type) {
    case 'heading':
      return ['', margin + theme.tone('heading', ours(block.text)) + sourceNames(block.sources)]
    case 'text':
      return toned(wrap(say(block.line, setting), room))
    case 'warning':
      return toned(hang('warning  ', say(block.line, setting), room), tone === 'plain' ? 'warning' : tone)
    case 'list':
      return toned(block.lines.flatMap((line) => hang('- ', say(line, setting), room)))
    case 'fields':
      return renderFields(block.fields, setting)
    case 'table':
      return toned(
        layOutTable(
          block.head.map(ours),
          block.rows.map((row) => row.map(cellOf(setting))),
          room,
        ),
      )
    case 'code':
      return toned(block.text.split('\n').map(ours))
    case 'link':
      return toned([...wrap(`${ours(block.label)}:`, room), `  ${showIdentifier(block.url)}`])
  }
}

const sourceNames = (names: readonly string[]): string => (names.length > 0 ? ` (${names.map(ours).join(', ')})` : '')

const renderFields = (rows: readonly (readonly [label: string, line: Line])[], setting: RenderSettings): string[] => {
  const { theme, tone = 'plain', width, indent, labelWidth = 0, whole = false } = setting
  const margin = ' '.repeat(indent)
  const column = Math.max(labelWidth, ...rows.map(([label]) => widthOf(ours(label)) + 2))
  const beside = width >= NARROW && column <= width / 3
  return rows.flatMap(([name, line]) => {
    const label = beside ? padTo(ours(name), column) : `${ours(name)}: `
    const said = say(line, setting)
    const [first = '', ...rest] = whole
      ? unbroken(label, said, width - indent)
      : hang(label, said, width - indent, beside ? column : 2)
    const value = theme.tone(tone, theme.escapes(first.slice(label.length)))
    return [
      margin + theme.label(value === '' ? label.trimEnd() : label) + value,
      ...rest.map((text) => margin + theme.tone(tone, theme.escapes(text))),
    ]
  })
}

/** Beside its label where there is room, below it otherwise. */
const unbroken = (label: string, text: string, room: number): string[] =>
  widthOf(label + text) <= room ? [label + text] : [label.trimEnd(), `  ${text}`]

const say = (line: Line, { viewpoint }: RenderSettings): string => sayWithTimes(line, viewpoint)

/** A cell has room for UTC only. */
const cellOf =
  ({ viewpoint: { reference } }: RenderSettings) =>
  (line: Line): string =>
    sayWithTimes(line, { reference })

const ours = (text: string): string => show(text.replaceAll('\t', '  '), 'tty')
