import { describe, expect, it } from 'vitest'
import { replay } from '../../../../src/incident/incident.ts'
import type { LambdaFunction } from '../../../../src/simulator/account/compute.ts'
import { hoursLater, liftOnDisk, respondedTo, stateRoots } from '../../../support/lifting.ts'

const root = stateRoots()

/** A response that closed the function's public URL, and the lift of it once somebody has done this to the function. */
const lifted = async (since: (called: LambdaFunction) => void = () => {}) => {
  const responded = hoursLater(await respondedTo(root(), 'function-role'), 30)
  const called = responded.built.account.functions.get('make-thumbnails')
  if (!called) throw new Error('there is no function')
  expect(called.url?.authType).toBe('AWS_IAM')
  since(called)
  const ran = await liftOnDisk(responded)
  const changes = replay(ran.journal).facts.lift?.changes ?? []
  return { ...ran, called, change: changes.find(({ operation }) => operation === 'lambda:UpdateFunctionUrlConfig') }
}

describe('a public function URL of which a response asked a signature', () => {
  it('can be called by anybody again after a lift', async () => {
    const { called, change, exitCode, writes } = await lifted()
    expect([exitCode, writes]).toEqual([0, ['iam:DeleteRolePolicy', 'lambda:UpdateFunctionUrlConfig']])
    expect(called.url?.authType).toBe('NONE')
    expect(change).toMatchObject({ state: 'lifted', why: 'anybody can call it, as before the response' })
  })

  it('is left alone where somebody changed it since, with the command', async () => {
    const { called, change, writes } = await lifted((one) => {
      if (one.url) one.url = { ...one.url, changedAt: (one.url.changedAt ?? 0) + 3_600_000 }
    })
    expect([called.url?.authType, writes]).toEqual(['AWS_IAM', ['iam:DeleteRolePolicy']])
    expect(change).toMatchObject({ state: 'changed', command: expect.stringContaining('--auth-type NONE') })
  })

  it('has nothing to lift where it is gone', async () => {
    const { change, writes } = await lifted((one) => {
      delete one.url
    })
    expect(writes).toEqual(['iam:DeleteRolePolicy'])
    expect(change?.state).toBe('gone')
  })
})
