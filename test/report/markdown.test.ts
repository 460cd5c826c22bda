import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Block, code, fields, link, list, table, text, warning } from '../../src/incident/values/block.ts'
import { untrusted } from '../../src/incident/values/untrusted.ts'
import type { Report } from '../../src/report/compose.ts'
import { markdown } from '../../src/report/markdown.ts'
import { HOSTILE, isHostile } from '../support/hostile-strings.ts'
import { cellsIn, withoutCodeSpans } from '../support/read-markdown.ts'
import { at } from '../support/sample-incident.ts'

const reportOf = (...blocks: Block[]): Report => ({
  title: 'Incident x',
  incident: 'x',
  generatedAt: at('02:31:40'),
  sections: [{ heading: 'Section', blocks }],
})

const bodyOf = (...blocks: Block[]): string => markdown(reportOf(...blocks)).split('## Section\n\n')[1] ?? ''

/** Somebody else's text in every kind of block, alone, beside ours, and beside itself. */
const holding = (payload: string): string => {
  const foreign = untrusted(payload)
  return markdown(
    reportOf(
      text(foreign),
      text('said ', foreign, foreign, ' and `more`'),
      warning(foreign),
      fields(['agent', foreign], ['both', [foreign, ', ', foreign]]),
      list([foreign, ['- ', foreign]]),
      table(
        ['Agent', 'Calls'],
        [
          [foreign, '3'],
          [['a | b ', foreign], foreign],
        ],
      ),
    ),
  )
}

const structureOf = (document: string): string => withoutCodeSpans(document)
const rowsOf = (document: string): string[] => document.split('\n').filter((line) => line.startsWith('|'))

/** Anything at all, rich in what breaks documents. */
const anyText = fc
  .array(
    fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(...Object.values(HOSTILE), '`', '``', '|', '\\', '\n', '<', ' ', '')),
  )
  .map((parts) => parts.join(''))

describe('somebody else’s text in a report', () => {
  const benign = holding('benign')

  it.each(Object.entries(HOSTILE))('changes nothing but the inside of its code spans: %s', (_, payload) => {
    const document = holding(payload)
    expect(structureOf(document)).toBe(structureOf(benign))
    expect(rowsOf(document).map(cellsIn)).toEqual([2, 2, 2, 2])
    expect(document.split('\n').filter(isHostile)).toEqual([])
    expect(document).not.toMatch(/https?:\/\/|javascript:/i)
  })

  it('somebody else’s text changes nothing but the inside of its code spans, whatever the text', () => {
    fc.assert(
      fc.property(anyText, (payload) => {
        const document = holding(payload)
        expect(structureOf(document)).toBe(structureOf(benign))
        expect(rowsOf(document).map(cellsIn)).toEqual([2, 2, 2, 2])
        expect(document.split('\n').some(isHostile)).toBe(false)
      }),
    )
  })

  it('is seen by this test when it does: a text that is not Untrusted has the structure of text', () => {
    const open = markdown(reportOf(text('[x](javascript:alert(1))')))
    expect(structureOf(open)).toContain('\\[x\\](javascript:alert(1))')
  })
})

describe('each block', () => {
  it('a text block is a paragraph, and never a list, a heading or a code block', () => {
    expect(bodyOf(text('    # no code'), text('- no list'), text('1. no list'), text('198.51.100.23 called'))).toBe(
      '\\# no code\n\n\\- no list\n\n1\\. no list\n\n198.51.100.23 called\n',
    )
  })

  it.each(['ir-cred audit web-app-1125-7f3a', 'npx ir-cred incidents', 'node bin/ir-cred.js drill'])(
    'a text block has the command %s as a code span, as it is typed',
    (command) => {
      expect(bodyOf(text(`Run \`${command}\` now.`))).toBe(`Run \`${command}\` now.\n`)
    },
  )

  it('a text block has no other code span: a command with a character that is no command’s is escaped, and a foreign one always is', () => {
    expect(bodyOf(text('Run `rm -rf x` now.'))).not.toContain(' `rm')
    expect(bodyOf(text('Run `ir-cred audit <b>x</b>` now.'))).not.toContain(' `ir-cred')
    expect(bodyOf(text('From ', untrusted('`ir-cred audit x`')))).not.toContain(' `ir-cred audit x`\n')
  })

  it('a warning block says that it is a warning', () => {
    expect(bodyOf(warning('the role is shared'))).toBe('**Warning:** the role is shared\n')
  })

  it('a block of fields and one of a list stay apart when they follow each other', () => {
    expect(bodyOf(fields(['key', 'ASIA']), list(['one', 'two']))).toBe('- key: ASIA\n\n* one\n* two\n')
  })

  it('a table block has a row for each record, as wide as its head', () => {
    expect(bodyOf(table(['A', 'B'], [['1'], ['a|b', { at: at('02:03:41') }, 'too many']]))).toBe(
      '| A | B |\n| --- | --- |\n| 1 |  |\n| a\\|b | 2026-11-25 02:03:41Z |\n',
    )
  })

  it('a code block stands in a fence that the code cannot close', () => {
    expect(bodyOf(code('a\n```\n\tb'))).toBe('````\na\n```\n  b\n````\n')
  })

  it('a link block is a link only for an https address', () => {
    expect(bodyOf(link('role', 'https://console.aws.amazon.com/x#y'))).toBe('role: <https://console.aws.amazon.com/x#y>\n')
    expect(bodyOf(link('role', 'javascript:alert(1)'))).toBe('role: `javascript[:]alert(1)`\n')
    expect(bodyOf(link('role', 'https://a b>c'))).toBe('role: `hxxps://a b>c`\n')
  })
})

describe('the head of a report', () => {
  it('names the incident and the moment of the journal that it speaks of', () => {
    expect(markdown(reportOf()).split('\n').slice(0, 3)).toEqual([
      '# Incident x',
      '',
      'As of 2026-11-25 02:31:40Z, all times UTC.',
    ])
  })

  it('says when there is no journal', () => {
    expect(markdown({ ...reportOf(), generatedAt: undefined })).toContain('The journal is empty.')
  })
})
