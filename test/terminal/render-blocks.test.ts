import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Block, code, fields, type Line, link, list, table, text, warning } from '../../src/incident/values/block.ts'
import { untrusted } from '../../src/incident/values/untrusted.ts'
import { type RenderSettings, renderBlocks } from '../../src/terminal/render-blocks.ts'
import { makeTheme } from '../../src/terminal/theme.ts'
import { widthOf } from '../../src/terminal/width.ts'
import { controlsOf, HOSTILE, isColour, isHostile } from '../support/hostile-strings.ts'
import { at } from '../support/sample-incident.ts'

const setting = (width: number, colour = false): RenderSettings => ({
  width,
  indent: 3,
  theme: makeTheme(colour),
  viewpoint: { reference: at('02:00:00'), zone: 'Europe/Berlin' },
})

/** Every place of every kind of block that can hold somebody else's text. */
const blocksWith = (line: Line): readonly Block[] => [
  text('before ', ...[line].flat(), ' after'),
  warning(...[line].flat()),
  fields(['name', line], ['a much longer label than others', line]),
  list([line, ['an item ', ...[line].flat()]]),
  table(
    ['What', 'Where'],
    [
      [line, 'here'],
      ['there', line],
    ],
  ),
]

describe.each([40, 80, 120])('blocks at %i columns', (width) => {
  it.each(Object.entries(HOSTILE))('stay harmless and inside the width with %s', (_, payload) => {
    const lines = renderBlocks(blocksWith(untrusted(payload)), setting(width))
    expect(lines.some((line) => isHostile(line) || line.includes('\n'))).toBe(false)
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width)
  })

  it('stay inside the width whatever the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (payload) => {
        const lines = renderBlocks(blocksWith(untrusted(payload)), setting(width))
        expect(lines.every((line) => widthOf(line) <= width && !line.includes('\n'))).toBe(true)
        expect(lines.some(isHostile)).toBe(false)
      }),
      { numRuns: 40 },
    )
  })
})

describe('blocks in colour', () => {
  it.each(Object.entries(HOSTILE))('hold no control sequence but our colours with %s', (_, payload) => {
    const controls = controlsOf(renderBlocks(blocksWith(untrusted(payload)), setting(80, true)).join('\n'))
    expect(controls.filter((control) => !isColour(control))).toEqual([])
  })
})

describe('each block', () => {
  const lines = (...blocks: Block[]): string[] => renderBlocks(blocks, setting(60))

  it('a text block is wrapped under its indent', () => {
    expect(lines(text('one '.repeat(20).trim()))).toEqual([
      '   one one one one one one one one one one one one one one',
      '   one one one one one one',
    ])
  })

  it('a warning block says in a word that it is a warning', () => {
    expect(lines(warning('the role is shared'))).toEqual(['   warning  the role is shared'])
  })

  it('a fields block aligns its labels', () => {
    expect(lines(fields(['from', '198.51.100.23'], undefined, ['threat list', untrusted('bad')]))).toEqual([
      '   from         198.51.100.23',
      '   threat list  "bad"',
    ])
  })

  it('a fields block puts labels before the text on a narrow screen', () => {
    const narrow = renderBlocks([fields(['threat list', 'a list with a long name'])], setting(40))
    expect(narrow).toEqual(['   threat list: a list with a long name'])
  })

  it('a code block is not wrapped, so that it can be copied', () => {
    const command = `ir-cred respond ${'x'.repeat(80)}`
    expect(lines(code(`${command}\n\tsecond`))).toEqual([`   ${command}`, '     second'])
  })

  it('a link block shows the whole address under its label', () => {
    expect(lines(link('role session', 'https://console.aws.amazon.com/detective/'))).toEqual([
      '   role session:',
      '     https://console.aws.amazon.com/detective/',
    ])
  })

  it('shows moments in UTC, with local time where there is room for it', () => {
    const moment = { at: at('02:03:41') }
    expect(lines(text('cut-off ', moment))).toEqual(['   cut-off 02:03:41Z (03:03 here)'])
    expect(lines(table(['When'], [[moment]])).at(-1)).toBe('   02:03:41Z')
  })
})
