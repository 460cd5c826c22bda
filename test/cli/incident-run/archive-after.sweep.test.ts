import { readdir } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { Event, Responder } from '../../../src/response/ports.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import { askedBy } from '../../faults/operation.ts'
import { buildQuick } from '../../laws/whole-run.ts'
import { stateRoots } from '../../support/lifting.ts'
import { nobody, plainYes, yes } from '../../support/run-in-memory.ts'
import { type DiskRun, journalLines, runOnDisk } from '../../support/run-on-disk.ts'
import { mainOf } from '../../support/scenario.ts'

const root = stateRoots()

const isArchived = (built: BuiltScenario): boolean => (mainOf(built).Service as { Archived?: boolean }).Archived === true

/** A response that archives the finding at its end, what it showed, and its journal. */
const archiving = async (parts: Partial<DiskRun> & { readonly scenario?: string } = {}) => {
  const { scenario, ...run } = parts
  const built = run.built ?? (await buildQuick(scenario))
  const where = root()
  const events: Event[] = []
  const listener = { hear: (event: Event) => void events.push(event) }
  const exitCode = await runOnDisk({ archive: true, ...run, built, root: where, listener })
  const [id = ''] = await readdir(where)
  const entries = (await journalLines(where, id)).map(({ entry }) => entry)
  const notes = events.flatMap((event) => (event.type === 'note' ? [event.text] : []))
  const sent = entries.filter((entry) => entry.type === 'intended' && entry.effect.operation === 'guardduty:ArchiveFindings')
  return { built, exitCode, events, entries, notes, sent, root: where, id }
}

/** Answers the question about the finding itself, and approves everything else. */
const answering = (archive: Responder['approve']): Responder => ({
  ...yes,
  approve: (question) => (question.stage === 'archive-finding' ? archive(question) : yes.approve(question)),
})

describe('a response that was asked to archive the finding', () => {
  it('archives it last, once, and sees it archived; the report is named with the question', async () => {
    const { built, exitCode, entries, sent, events, id } = await archiving()
    expect([exitCode, isArchived(built), sent.length]).toEqual([0, true, 1])
    expect(entries.slice(-2)).toMatchObject([
      { type: 'established', stage: 'archive-finding', fact: { archive: { findingId: built.findingId } } },
      { type: 'ended', exitCode: 0 },
    ])
    expect(JSON.stringify(events)).toContain(`ir-cred report ${id}`)
  })

  it('does not archive it where the response has not confirmed everything: exit 6, and says so', async () => {
    const { built, exitCode, sent, notes } = await archiving({ scenario: 'web-identity', responder: plainYes })
    expect([exitCode, isArchived(built), sent]).toEqual([6, false, []])
    expect(notes).toContain('the finding is not archived: the response has not confirmed everything')
  })

  it('asks a person, who may say no: the response is finished all the same', async () => {
    const responder = answering(async () => ({ answer: 'declined', why: 'you said no', remedy: 'continue later' }))
    const { built, exitCode, sent } = await archiving({ responder })
    expect([exitCode, isArchived(built), sent]).toEqual([0, false, []])
  })

  it('takes --archive for the answer where nobody is at a terminal', async () => {
    const { built, exitCode, entries } = await archiving({ responder: answering(nobody.approve) })
    expect([exitCode, isArchived(built)]).toEqual([0, true])
    expect(entries).toContainEqual(expect.objectContaining({ type: 'approved', stage: 'archive-finding', by: '--archive' }))
  })

  it('ends as before where GuardDuty refuses it, and says who may archive', async () => {
    const built = await buildQuick()
    const deny = { Effect: 'Deny', Action: 'guardduty:ArchiveFindings', Resource: '*' }
    const document = JSON.stringify({ Version: '2012-10-17', Statement: [deny] })
    built.account.roles.get('ir-responder')?.inline.set('member-account', { document, writtenAt: 0 })
    const { exitCode, entries } = await archiving({ built })
    expect([exitCode, isArchived(built)]).toEqual([0, false])
    expect(entries).toContainEqual(
      expect.objectContaining({
        type: 'notApplicable',
        stage: 'archive-finding',
        why: expect.stringContaining('only the administrator account'),
      }),
    )
  })

  it('sends it once where the answer is lost: the read-back shows it', async () => {
    let asked = 0
    const { built, exitCode } = await archiving({
      fault: async (request, next) => {
        const { operation } = await askedBy(request)
        const response = await next(request)
        if (operation !== 'guardduty:ArchiveFindings') return response
        asked += 1
        throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
      },
    })
    expect([exitCode, isArchived(built), asked]).toEqual([0, true, 1])
  })

  it('changes nothing where the finding is archived already', async () => {
    const first = await archiving()
    const exitCode = await runOnDisk({ built: first.built, root: first.root, resume: first.id, archive: true })
    const lines = await journalLines(first.root, first.id)
    const sent = lines.filter(({ entry }) => entry.type === 'intended' && entry.stage === 'archive-finding')
    expect([exitCode, sent.length]).toEqual([0, 1])
  })

  it('has nothing to archive where the credentials were reported', async () => {
    const built = await buildQuick()
    built.account.findings.clear()
    const { entries, sent } = await archiving({ built, request: { by: 'role', roleName: 'web-app' } })
    expect(sent).toEqual([])
    expect(entries.filter((entry) => entry.type === 'established' && entry.stage === 'archive-finding')).toEqual([])
  })
})

it('a response that was not asked archives nothing', async () => {
  const { built, exitCode } = await archiving({ archive: false })
  expect([exitCode, isArchived(built)]).toEqual([0, false])
})
