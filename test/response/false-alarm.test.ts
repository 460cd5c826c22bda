import { describe, expect, it } from 'vitest'
import { descriptions } from '../../src/cli/incident-run/stages.ts'
import type { Entry } from '../../src/incident/entry.ts'
import { replay } from '../../src/incident/incident.ts'
import { untrusted } from '../../src/incident/values/untrusted.ts'
import { compose } from '../../src/report/compose.ts'
import { markdown } from '../../src/report/markdown.ts'
import type { ApprovalQuestion, Responder } from '../../src/response/ports.ts'
import { flagResponder } from '../../src/terminal/flag-responder.ts'
import { breaks } from '../faults/kinds.ts'
import { buildQuick, changesIn } from '../laws/whole-run.ts'
import { runInMemory, yes } from '../support/run-in-memory.ts'

const WHO = 'the person at the terminal'

/** Somebody at the terminal who declares a false alarm wherever that is offered, and approves everything else. */
const declaring = (reason = 'our own firewall') => {
  const questions: ApprovalQuestion[] = []
  const responder: Responder = {
    approve: async (question) => {
      questions.push(question)
      if (question.falseAlarm === undefined) return { answer: 'approved', by: WHO }
      return { answer: 'falseAlarm', by: WHO, reason: untrusted(reason) }
    },
    choose: async () => undefined,
  }
  return { responder, questions }
}

const declared = async (reason?: string) => {
  const built = await buildQuick('usual-address')
  const { responder, questions } = declaring(reason)
  return { built, questions, ...(await runInMemory({ built, responder, proofWait: 0 })) }
}

const reportOf = (entries: readonly Entry[]): string =>
  markdown(compose(entries, { head: '0123456789abcdef', version: '0.0.0', descriptions }))

describe('a false alarm that is declared', () => {
  it('ends the run with 0 and its own ending, at the first question, and nothing is changed', async () => {
    const { result, questions, built } = await declared()
    expect(result).toMatchObject({ ending: 'falseAlarm', exitCode: 0, alarms: [], unproven: [] })
    expect(questions.map(({ stage }) => stage)).toEqual(['revoke-sessions'])
    expect(changesIn(built)).toEqual({})
    expect(result.incident.intents).toEqual([])
  })

  it('stands in the journal with who declared it, when, why and what suggested it', async () => {
    const { journal, connection } = await declared()
    expect(journal.at(-1)).toEqual({
      type: 'falseAlarm',
      at: expect.stringMatching(/Z$/),
      stage: 'revoke-sessions',
      by: WHO,
      responderArn: connection.setting.responderArn,
      reason: { untrusted: 'our own firewall' },
      hint: expect.stringMatching(/^the role called from 192\.0\.2\.80 before the theft \(\d+ of \d+ calls read\)$/),
    })
    expect(replay(journal).falseAlarm).toMatchObject({ by: WHO, reason: { untrusted: 'our own firewall' } })
  })

  it('stands in the report with its reason, as code', async () => {
    const { journal } = await declared('our VPN <script>alert(1)</script>')
    const ended: Entry = {
      type: 'ended',
      at: (journal.at(-1) as Entry).at,
      ending: 'falseAlarm',
      exitCode: 0,
      unproven: [],
      alarms: [],
    }
    const report = reportOf([...journal, ended])
    expect(report).toContain('Claim: attested-by-human: declared a false alarm by the person at the terminal')
    expect(report).toContain('`our VPN <script>alert(1)</script>`. Nothing was changed.')
  })

  it('is only a step: a later run asks again, revokes on approval, and the report shows both', async () => {
    const { built, journal } = await declared()
    const entries = [...journal]
    const later = await runInMemory({ built, journal: entries, responder: yes, proofWait: 0 })
    expect(changesIn(built)).toMatchObject({ PutRolePolicy: 1, StopInstances: 1, StartInstances: 1 })
    expect(later.result.incident.facts.revocation).toMatchObject({ writtenBy: 'ours' })
    const ended: Entry = {
      type: 'ended',
      at: (entries.at(-1) as Entry).at,
      ending: 'completed',
      exitCode: 0,
      unproven: [],
      alarms: [],
    }
    const report = reportOf([...entries, ended])
    expect(report).toContain('declared a false alarm at revoke-sessions')
    expect(report).not.toContain('Nothing was changed')
  })

  it('cannot be declared any more once the deny was sent', async () => {
    const built = await buildQuick('usual-address')
    const journal: Entry[] = []
    const onlyDeny = flagResponder({ yes: false, approve: ['revoke-sessions'], skip: [] })
    await runInMemory({ built, journal, responder: onlyDeny, proofWait: 0 })
    built.account.roles.get('web-app')?.inline.delete('AWSRevokeOlderSessions')
    const { responder, questions } = declaring()
    await runInMemory({ built, journal, responder, proofWait: 0 })
    expect(questions.map(({ stage }) => stage)).toContain('revoke-sessions')
    expect(questions.filter(({ falseAlarm }) => falseAlarm !== undefined)).toEqual([])
  })
})

describe('under --yes', () => {
  it('the history is told, and does not withhold the deny', async () => {
    const built = await buildQuick('usual-address')
    const { events } = await runInMemory({ built, responder: yes, proofWait: 0 })
    expect(changesIn(built)).toMatchObject({ PutRolePolicy: 1 })
    const told = JSON.stringify(events)
    expect(told).toContain('It may be your own way out')
    expect(told).toContain('This may be a false alarm')
  })

  it('a history that is denied is not known, and the deny is written all the same', async () => {
    const built = await buildQuick()
    const fault = breaks('denied', { operation: 'cloudtrail:LookupEvents', times: 1000 })
    const { result } = await runInMemory({ built, fault, proofWait: 0, responder: yes })
    expect(result.incident.facts.subject?.usualUse).toMatchObject({
      calls: 0,
      incomplete: expect.arrayContaining([expect.stringContaining('is denied')]),
    })
    expect(changesIn(built)).toMatchObject({ PutRolePolicy: 1 })
  })
})

describe('an answers file', () => {
  const answering = (scenario: string) => async () => {
    const built = await buildQuick(scenario)
    const answers = { 'revoke-sessions': { falseAlarm: 'ticket NET-7: our firewall' } }
    return {
      built,
      ...(await runInMemory({ built, proofWait: 0, responder: flagResponder({ yes: false, approve: [], skip: [], answers }) })),
    }
  }

  it('declares a false alarm with its reason', async () => {
    const { result, journal, built } = await answering('usual-address')()
    expect(result).toMatchObject({ ending: 'falseAlarm', exitCode: 0 })
    expect(journal.at(-1)).toMatchObject({ by: 'the answers file', reason: { untrusted: 'ticket NET-7: our firewall' } })
    expect(changesIn(built)).toEqual({})
  })

  it('declares none where nothing suggests one: the change is declined, as without an answer', async () => {
    const { result, built } = await answering('custom-threat-list')()
    expect(result).toMatchObject({ ending: 'declined', exitCode: 3 })
    expect(result.failure?.why).toContain('nothing suggests one')
    expect(changesIn(built)).toEqual({})
  })
})

describe('without a terminal and without answers', () => {
  it('a change is declined as ever, whatever the history shows', async () => {
    const built = await buildQuick('usual-address')
    const nobody = flagResponder({ yes: false, approve: [], skip: [] })
    const { result } = await runInMemory({ built, responder: nobody, proofWait: 0 })
    expect(result).toMatchObject({ ending: 'declined', exitCode: 3 })
  })
})

it('an answer that the question does not offer is a bug, and no false alarm', async () => {
  const responder: Responder = {
    approve: async () => ({ answer: 'falseAlarm', by: WHO, reason: untrusted('x') }),
    choose: async () => undefined,
  }
  await expect(runInMemory({ built: await buildQuick(), responder, proofWait: 0 })).rejects.toThrow('does not offer')
})
