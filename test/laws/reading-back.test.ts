import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { answered } from '../faults/kinds.ts'
import { askedBy } from '../faults/operation.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { buildQuick, changesIn } from './whole-run.ts'

/** AWS carries the change out and its answer is lost; from then on so many calls of the read that would show it fail, or all. */
const lostAndUnread = (change: string, read: string, times: number): Fault => {
  let isSent = false
  let left = times
  return async (request, next) => {
    const { operation, service } = await askedBy(request)
    if (operation === change) {
      isSent = true
      await next(request)
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    }
    if (!isSent || operation !== read || left <= 0) return next(request)
    left -= 1
    return answered(service, 'InternalFailure', 500)
  }
}

const CHANGES = [
  ['iam:PutRolePolicy', 'iam:GetRolePolicy'],
  ['ec2:StopInstances', 'ec2:DescribeInstances'],
  ['ec2:StartInstances', 'ec2:DescribeInstances'],
] as const

describe.each(CHANGES)('a change whose answer is lost: %s', (change, read) => {
  it(`stops the run where ${read} does not show its outcome either, and is named; the next run finds it`, async () => {
    const built = await buildQuick()
    const fault = lostAndUnread(change, read, Number.POSITIVE_INFINITY)
    const { result, journal } = await runInMemory({ built, fault, proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 7, failure: { kind: 'unavailable' } })
    expect(result.failure?.what).toMatch(
      new RegExp(`^could not go on after ${change} on \\S+, whose answer does not say what became of it$`),
    )
    expect(changesIn(built)[change.replace(/.*:/, '')]).toBe(1)
    const next = await runInMemory({ built, journal: [...journal], proofWait: 0 })
    expect(next.result.exitCode).toBe(0)
    expect(changesIn(built)[change.replace(/.*:/, '')]).toBe(1)
  })

  it(`goes on where ${read} shows it`, async () => {
    const built = await buildQuick()
    const { result } = await runInMemory({ built, fault: lostAndUnread(change, read, 0), proofWait: 0 })
    expect(result).toMatchObject({ ending: 'completed', exitCode: 0 })
    expect(changesIn(built)[change.replace(/.*:/, '')]).toBe(1)
  })
})
