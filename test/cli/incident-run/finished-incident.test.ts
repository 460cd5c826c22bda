import { describe, expect, it } from 'vitest'
import { nextCommands } from '../../../src/cli/continuation.ts'
import { FINISHED } from '../../../src/cli/exit-code.ts'
import {
  askForSecondResponse,
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
    root: '/state',
    commands: nextCommands('ir-cred respond 1ab9', { commandName: 'ir-cred', connection: { regions: [] }, stateDir: undefined }),
    newId: 'web-app-1125-7f3a-2',
    ...parts,
  }
}

const failureOf = async (asked: SecondResponse) => {
  const outcome = (await askForSecondResponse(asked))?.outcome
  return outcome?.kind === 'failed' ? outcome.failure : undefined
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
    expect(await askForSecondResponse(second({ responder }))).toBeUndefined()
    expect(asked).toMatchObject([{ what: FINISHED_QUESTION, options: [{ id: 'report' }, { id: 'open' }] }])
  })

  it('shows the report to somebody who wants to see it, and changes nothing', async () => {
    expect(await askForSecondResponse(second(choosing('report')))).toEqual({
      outcome: FINISHED,
      report: '/state/web-app-1125-7f3a/report.md',
    })
  })

  it.each([
    ['--yes, which approves changes of an incident and not a second one', second()],
    ['nobody', second({ responder: flagResponder({ yes: false, approve: [], skip: [] }) })],
    ['somebody who chooses neither', second(choosing(undefined))],
  ])('is not opened by %s: the run ends as one that needed an answer, with both commands', async (_, asked) => {
    const { kind, what, why, remedy } = (await failureOf(asked)) ?? {}
    expect(kind).toBe('declined')
    expect(what).toContain('incident web-app-1125-7f3a on this finding is finished')
    expect(why).toContain(ENDED)
    expect(remedy).toMatch(/`ir-cred report web-app-1125-7f3a`; .* `ir-cred respond 1ab9 --incident web-app-1125-7f3a-2`$/)
  })

  it('is opened by an answers file that says so', async () => {
    const responder = flagResponder({ yes: true, approve: [], skip: [], answers: { [FINISHED_QUESTION]: 'open' } })
    expect(await askForSecondResponse(second({ responder }))).toBeUndefined()
  })

  it('tells when GuardDuty has seen the finding again since', async () => {
    if (!finding) throw new Error('the sample incident has no finding')
    const seenAgain = { ...finding, lastSeen: plus(ENDED, 3600) }
    expect((await failureOf(second({ finding: seenAgain })))?.why).toContain('seen it again since')
    expect((await failureOf(second()))?.why).not.toContain('again')
  })
})

describe('several incidents on one finding', () => {
  it('the one that ended last is told of; one that is still open is none of them', () => {
    const open = replay([])
    const [first, later] = [finished('b', ENDED), finished('a', plus(ENDED, 60))]
    expect(lastFinished([later, open, first])?.id).toBe('a')
    expect(lastFinished([open])).toBeUndefined()
  })
})
