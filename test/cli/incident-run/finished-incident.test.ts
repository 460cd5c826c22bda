import { describe, expect, it } from 'vitest'
import {
  decideAgain,
  FINISHED_QUESTION,
  lastFinished,
  type SecondResponse,
} from '../../../src/cli/incident-run/finished-incident.ts'
import { type Incident, replay } from '../../../src/incident/incident.ts'
import { plus } from '../../../src/incident/values/instant.ts'
import type { ChoiceQuestion } from '../../../src/response/ports.ts'
import { flagResponder } from '../../../src/terminal/flag-responder.ts'
import { at, journal } from '../../support/sample-incident.ts'

const whole = replay(journal)
const ENDED = at('02:31:00')
const finished = (id = 'web-app-1125-7f3a', ended = ENDED): Incident => ({
  ...whole,
  id,
  ended: { ending: 'completed', exitCode: 0, at: ended },
})

const finding = whole.facts.finding?.finding

const second = (parts: Partial<SecondResponse> = {}): SecondResponse => {
  if (!finding) throw new Error('the sample incident has no finding')
  return {
    finding,
    finished: finished(),
    responder: flagResponder({ yes: true, approve: [], skip: [] }),
    options: {},
    root: '/state',
    again: 'ir-cred respond 1ab9',
    newId: 'web-app-1125-7f3a-2',
    ...parts,
  }
}

/** Somebody who chooses this, and what was asked. */
const choosing = (answer: string | undefined) => {
  const asked: ChoiceQuestion[] = []
  const responder = {
    ...second().responder,
    choose: async (question: ChoiceQuestion) => {
      asked.push(question)
      return answer
    },
  }
  return { responder, asked }
}

describe('a second response to a finding whose incident is finished', () => {
  it('is asked for, and nothing is the default', async () => {
    const { responder, asked } = choosing('open')
    expect(await decideAgain(second({ responder }))).toBeUndefined()
    expect(asked).toMatchObject([{ what: FINISHED_QUESTION, options: [{ id: 'report' }, { id: 'open' }] }])
  })

  it('shows the report to somebody who wants to see it, and changes nothing', async () => {
    const looked = await decideAgain(second(choosing('report')))
    expect(looked).toMatchObject({
      walked: { ending: 'completed', exitCode: 0 },
      ended: { incident: 'web-app-1125-7f3a', writes: 0, report: '/state/web-app-1125-7f3a/report.md' },
    })
  })

  it.each([
    ['--yes, which approves changes of an incident and not a second one', second()],
    ['nobody', second({ responder: flagResponder({ yes: false, approve: [], skip: [] }) })],
    ['somebody who chooses neither', second(choosing(undefined))],
  ])('is not opened by %s: the run ends as one that needed an answer, with both commands', async (_, asked) => {
    const looked = await decideAgain(asked)
    expect(looked).toMatchObject({ walked: { ending: 'declined', exitCode: 3 }, ended: { writes: 0 } })
    const { what, why, remedy } = looked?.walked.failure ?? {}
    expect(what).toContain('incident web-app-1125-7f3a on this finding is finished')
    expect(why).toContain(ENDED)
    expect(remedy).toMatch(/`ir-cred report web-app-1125-7f3a`; .* `ir-cred respond 1ab9 --incident web-app-1125-7f3a-2`$/)
  })

  it('is opened by an answers file that says so', async () => {
    const responder = flagResponder({ yes: true, approve: [], skip: [], answers: { [FINISHED_QUESTION]: 'open' } })
    expect(await decideAgain(second({ responder }))).toBeUndefined()
  })

  it('tells when GuardDuty has seen the finding again since', async () => {
    if (!finding) throw new Error('the sample incident has no finding')
    const seenAgain = { ...finding, lastSeen: plus(ENDED, 3600) }
    expect((await decideAgain(second({ finding: seenAgain })))?.walked.failure?.why).toContain('seen it again since')
    expect((await decideAgain(second()))?.walked.failure?.why).not.toContain('again')
  })
})

describe('of several incidents on one finding', () => {
  it('the one that ended last is told of; one that is still open is none of them', () => {
    const open = replay([])
    const [first, later] = [finished('b', ENDED), finished('a', plus(ENDED, 60))]
    expect(lastFinished([later, open, first])?.id).toBe('a')
    expect(lastFinished([open])).toBeUndefined()
  })
})
