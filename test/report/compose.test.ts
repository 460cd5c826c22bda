import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import type { Block } from '../../src/incident/values/block.ts'
import { rawLine } from '../../src/incident/values/show.ts'
import { compose, type Report } from '../../src/report/compose.ts'
import { reportJson } from '../../src/report/json.ts'
import { markdown } from '../../src/report/markdown.ts'
import { blockText } from '../support/block-text.ts'
import { at, descriptions, journal } from '../support/sample-incident.ts'
import { subjectLike } from '../support/stage-context.ts'

const context = { head: 'ab'.repeat(8), version: '0.1.0', descriptions }
const reportOf = (entries: readonly Entry[]): Report => compose(entries, context)
const sectionOf = (report: Report, heading: string): readonly Block[] =>
  report.sections.find((section) => section.heading === heading)?.blocks ?? []

const subject: Entry = {
  type: 'established',
  at: at('02:03:59'),
  stage: 'identify-subject',
  fact: { subject: subjectLike() },
}

/** A table's rows as text. */
const rowsOf = (blocks: readonly Block[]): string[][] =>
  blocks.flatMap((block) => (block.type === 'table' ? block.rows.map((row) => row.map(rawLine)) : []))

const whole = reportOf(journal)

/** How many entries of a type a journal holds, for a stage where one is named. */
const count = (entries: readonly Entry[], type: Entry['type']): number => entries.filter((entry) => entry.type === type).length

describe('a report', () => {
  it('has a summary, the timeline, a section for each stage, and what vouches for it', () => {
    expect(whole.sections.map(({ heading }) => heading)).toEqual([
      'Summary',
      'Still to do',
      'Timeline',
      'find-finding',
      'revoke-sessions',
      'preserve-evidence',
      'restart-instance',
      'verify-rotation',
      'investigate-session',
      'close-incident',
      'Changes made',
      'Undo',
      'Evidence',
      'Never verified on real AWS',
      'Journal',
    ])
  })

  it('gives each row of the summary how sure it is, and the entry that says so', () => {
    const rows = rowsOf(sectionOf(whole, 'Summary')).map(([what, , claim, entry]) => [what, claim, entry])
    expect(rows).toEqual([
      ['revoked', 'confirmed-by-readback', '7'],
      ['restarted', 'confirmed-by-readback', '13'],
      ['rotated', 'corroborated-by-CloudTrail', '14'],
      ['attacker', 'incomplete', '16'],
    ])
  })

  it('says on its first page what is left to do, with each command', () => {
    const { blocks = [] } = whole.sections[1] ?? {}
    const shown = blockText(blocks)
    expect(shown).toContain('One thing is not proven yet')
    const stopped = reportOf(journal.filter(({ type, at: when }) => type !== 'ended' && when < at('02:04:00')).concat(subject))
    expect(blockText(sectionOf(stopped, 'Still to do'))).toMatch(
      /may be STOPPED: [\s\S]*\naws ec2 start-instances --instance-ids i-08faaaafb15777f5a --region us-east-1/,
    )
    expect(blockText(sectionOf(reportOf([]), 'Still to do'))).toBe('The journal leaves nothing to do.')
  })

  it('tells the timeline in the order of time, with source and actor', () => {
    const rows = rowsOf(sectionOf(whole, 'Timeline'))
    const times = rows.map(([time = '']) => time)
    expect(times).toEqual([...times].sort())
    expect(rows[0]).toEqual([
      at('01:12:40'),
      'first call named in the finding UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom',
      'GuardDuty 1ab92989eaf0e742df4a014d5c0a9d42',
      'holder of the stolen key',
    ])
    expect(rows).toContainEqual([
      at('02:03:12'),
      'revoke-sessions: call accepted (request 6f1c0000-aaaa)',
      'journal 6',
      'ir-cred',
    ])
  })

  it('lists every change with its answer and its read-back', () => {
    expect(rowsOf(sectionOf(whole, 'Changes made')).map((row) => row.slice(3))).toEqual([
      [
        'accepted, request 6f1c0000-aaaa (journal 6)',
        `${at('02:03:13')} (journal 7), in place at ${at('02:03:23')} (journal 8)`,
        'confirmed-by-readback',
      ],
      ['unknown: socket hang up (journal 12)', `${at('02:04:40')} (journal 13)`, 'confirmed-by-readback'],
    ])
  })

  it('lists what can be undone, newest first', () => {
    expect(rowsOf(sectionOf(whole, 'Undo'))).toEqual([
      ['ec2:StopInstances', 'instance/i-08faaaafb15777f5a', 'no undo is recorded', '11'],
      ['iam:PutRolePolicy', 'role/web-app AWSRevokeOlderSessions', 'possible, safe from 14:04Z on', '5'],
    ])
  })

  it('lists every evidence file once, with its hash', () => {
    expect(rowsOf(sectionOf(whole, 'Evidence'))).toEqual([['evidence/finding.json', 'finding', 'a1'.repeat(32), '2048', '2']])
  })

  it('lists what a stage had read before an interruption as evidence too', () => {
    const ref = { file: 'evidence/9-trace-activity.json', sha256: 'b2'.repeat(32), bytes: 7 }
    const checkpoint: Entry = { type: 'checkpoint', at: at('02:30:00'), stage: 'trace-activity', ref, cursor: null }
    expect(rowsOf(sectionOf(reportOf([...journal, checkpoint]), 'Evidence'))).toContainEqual([
      ...[ref.file, 'what trace-activity had read so far', ref.sha256, '7', String(journal.length + 1)],
    ])
  })

  it('ends with the journal’s head and the command that checks it', () => {
    expect(markdown(whole)).toMatch(/abababababababab\n[\s\S]*run: `ir-cred audit web-app-1125-7f3a`\n$/)
  })

  it('says what was never verified on real AWS, always', () => {
    expect(sectionOf(reportOf([]), 'Never verified on real AWS')).toHaveLength(2)
  })

  it('says that a drill was a drill', () => {
    expect(markdown(whole)).toContain('This was a drill on a simulated account.')
  })

  it('says in a stage’s own words what it established, was skipped or does not apply', () => {
    const document = markdown(whole)
    expect(document).toContain('Sessions issued before 2026-11-25 02:03:41Z are denied.')
    expect(document).toContain('Claim: skipped: by the person at the terminal (journal 9).')
    expect(document).toContain('Not applicable: Detective has no graph in us-east-1 (journal 15). Nothing is claimed.')
  })

  it('warns while the run has not ended', () => {
    expect(markdown(reportOf(journal.slice(0, -1)))).toContain('The run has not ended')
    expect(markdown(whole)).not.toContain('The run has not ended')
  })

  it('shows alarms, and what is unproven, once each', () => {
    const ended: Entry = { ...(journal.at(-1) as Entry & { type: 'ended' }), alarms: ['the deny is gone', 'the deny is gone'] }
    const document = markdown(reportOf([...journal.slice(0, -1), ended]))
    expect(document.split('ALARM: the deny is gone')).toHaveLength(2)
    expect(document.split('nothing after 02:26Z is in CloudTrail yet')).toHaveLength(2)
  })

  it('calls an approval that was not acted on planned', () => {
    const document = markdown(reportOf(journal.slice(0, 4)))
    expect(document).toContain('planned: iam:PutRolePolicy on role/web-app AWSRevokeOlderSessions')
  })
})

describe('every part of a journal', () => {
  const prefix = fc.integer({ min: 0, max: journal.length }).map((length) => journal.slice(0, length))

  it('composing and rendering twice gives the same bytes', () => {
    fc.assert(
      fc.property(prefix, (entries) => {
        expect(markdown(reportOf(entries))).toBe(markdown(reportOf(structuredClone(entries))))
        expect(reportJson(reportOf(entries))).toBe(reportJson(reportOf(structuredClone(entries))))
      }),
    )
  })

  it('nothing is claimed more strongly than its entries allow', () => {
    fc.assert(
      fc.property(prefix, (entries) => {
        const report = reportOf(entries)
        const claims = rowsOf(sectionOf(report, 'Changes made')).map((row) => row.at(-1))
        expect(claims).toHaveLength(count(entries, 'intended'))
        const confirmed = claims.filter((claim) => claim === 'confirmed-by-readback').length
        expect(confirmed).toBeLessThanOrEqual(count(entries, 'established'))
        const document = markdown(report)
        if (!entries.some((entry) => entry.type === 'established' && entry.fact.revocation))
          expect(document).not.toMatch(/revoked/)
        if (!entries.some((entry) => entry.type === 'established' && entry.fact.rotation))
          expect(document).not.toMatch(/corroborated-by-CloudTrail|rotated/)
        if (count(entries, 'ended') === 0) expect(document).not.toContain('Ended: completed')
      }),
    )
  })

  it('an entry that turns out otherwise changes the report', () => {
    const turned: Entry = { type: 'rechecked', at: at('02:03:23'), stage: 'revoke-sessions', stands: false, says: 'gone' }
    const document = markdown(reportOf(journal.map((entry) => (entry.type === 'rechecked' ? turned : entry))))
    expect(document).toContain('NOT IN PLACE')
    expect(document).toMatch(/\| revoked \|.*\| incomplete \| 7 \|/)
  })

  it('the order of entries at one moment is that of the journal', () => {
    const rows = rowsOf(sectionOf(whole, 'Timeline')).map(([, , source]) => source)
    expect(rows.indexOf('journal 5')).toBeLessThan(rows.indexOf('journal 6'))
  })
})

describe('the report as JSON', () => {
  it('is printable ASCII, and holds the same sections', () => {
    const document = reportJson(whole)
    expect(document).toMatch(/^[ -~\n]+$/)
    const read = JSON.parse(document) as { sections: { heading: string; blocks: unknown[] }[] }
    expect(read.sections.map(({ heading }) => heading)).toEqual(whole.sections.map(({ heading }) => heading))
    expect(read.sections[3]?.blocks).toContainEqual({
      type: 'fields',
      fields: [
        { label: 'key', text: 'ASIAXCSEC6TNGZ6EZUUO' },
        { label: 'threat list', text: 'acme-bad-ips' },
      ],
    })
  })
})
