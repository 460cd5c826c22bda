import { describe, expect, it } from 'vitest'
import { Failure } from '../../src/incident/values/failure.ts'
import type { ChoiceQuestion, Event, Responder } from '../../src/response/ports.ts'
import { SIGN_IN_QUESTION, withSignIn } from '../../src/response/sign-in.ts'
import { refuses } from '../faults/kinds.ts'
import { buildQuick, changesIn, EACH_ONCE } from '../laws/whole-run.ts'
import { runInMemory, yes } from '../support/run-in-memory.ts'
import { awsError } from '../support/stage-context.ts'

/** Somebody who approves everything, and answers the questions with these ids, one after the other. */
const person = (...ids: readonly (string | undefined)[]) => {
  const asked: ChoiceQuestion[] = []
  const left = [...ids]
  const responder: Responder = {
    approve: yes.approve,
    choose: async (question) => {
      asked.push(question)
      return left.shift()
    },
  }
  return { responder, asked }
}

const expired = (operation: string) =>
  refuses(['ExpiredToken', 400, 'The security token included in the request is expired'], { operation })

describe('a session that expires between the stop and the start', () => {
  it('ends with the started instance when a person signs in: the same step, and each change once', async () => {
    const built = await buildQuick()
    const { responder, asked } = person('signed-in')
    const { result } = await runInMemory({ built, responder, proofWait: 0, fault: expired('ec2:StartInstances') })
    expect(asked.map(({ what }) => what)).toEqual([SIGN_IN_QUESTION])
    expect(result).toMatchObject({ ending: 'completed', exitCode: 0 })
    expect(changesIn(built)).toEqual(EACH_ONCE)
    const starts = result.incident.intents.filter(({ effect }) => effect.operation === 'ec2:StartInstances')
    expect(starts.map(({ outcome }) => outcome)).toEqual(['refused', 'accepted'])
  })

  it.each(['iam:PutRolePolicy', 'ec2:DescribeInstances', 'cloudtrail:LookupEvents', 'iam:GetRolePolicy'])(
    'goes on after a refused %s too',
    async (operation) => {
      const built = await buildQuick()
      const { result } = await runInMemory({ built, ...person('signed-in'), proofWait: 0, fault: expired(operation) })
      expect(result).toMatchObject({ ending: 'completed', exitCode: 0 })
      expect(changesIn(built)).toEqual(EACH_ONCE)
    },
  )

  it.each([
    ['nobody is asked', undefined],
    ['the person stops', 'stop'],
  ])('ends with exit code 4 when %s', async (_, answer) => {
    const { responder, asked } = person(answer)
    const { result } = await runInMemory({
      built: await buildQuick(),
      responder,
      proofWait: 0,
      fault: expired('ec2:StartInstances'),
    })
    expect(asked).toHaveLength(1)
    expect(result).toMatchObject({ exitCode: 4, failure: { meaning: 'expired' } })
  })
})

describe('a step of a run', () => {
  const expiredToken = awsError('ExpiredToken')
  /** Runs a step that fails in these ways before it succeeds, on a world where signing in fails in those. */
  const stepping = async (faults: readonly unknown[], answers: readonly string[], refusals: readonly unknown[] = []) => {
    const [steps, signIns] = [[...faults], [...refusals]]
    const notes: Event[] = []
    const { responder, asked } = person(...answers)
    const fail = async (list: unknown[]) => {
      const error = list.shift()
      if (error !== undefined) throw error
      return 'done'
    }
    const signal = new AbortController().signal
    const done = withSignIn(() => fail(steps), {
      world: { signInAgain: async () => void (await fail(signIns)), signal },
      recorder: { emit: (event) => void notes.push(event), record: async () => '' },
      responder,
    })
    return { done: await done.catch((error: unknown) => error), asked, notes }
  }

  it('asks again while the credentials are still the ones that have ended, and says so', async () => {
    const { done, asked, notes } = await stepping([expiredToken], ['signed-in', 'signed-in'], [expiredToken])
    expect({ done, asked: asked.length }).toEqual({ done: 'done', asked: 2 })
    expect(notes[0]).toMatchObject({ type: 'note', text: expect.stringContaining('still the ones that have ended') })
  })

  it('is not made by somebody else: another identity ends the run', async () => {
    const other = new Failure({ kind: 'identity', what: 'you signed in as bob' })
    expect((await stepping([expiredToken], ['signed-in'], [other])).done).toBe(other)
  })

  it('is not asked about for another error', async () => {
    for (const error of [awsError('AccessDenied'), new TypeError('x'), new Failure({ kind: 'blocked', what: 'x' })]) {
      const { done, asked } = await stepping([error], ['signed-in'])
      expect({ done, asked: asked.length }).toEqual({ done: error, asked: 0 })
    }
  })

  it('gives up after some tries', async () => {
    const always = Array.from({ length: 50 }, () => expiredToken)
    const { done, asked } = await stepping(
      always,
      Array.from({ length: 50 }, () => 'signed-in'),
    )
    expect(done).toBe(expiredToken)
    expect(asked.length).toBeLessThan(10)
  })
})
