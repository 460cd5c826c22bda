import { IAMClient, ListAccountAliasesCommand } from '@aws-sdk/client-iam'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { standardRetries } from '../../src/aws/retries.ts'
import { inProcessHandler } from '../../src/simulator/wire/in-process.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { answered } from '../faults/kinds.ts'

/** AWS as it answers: the machine's clock is an hour behind. */
const AWS_TIME = new Date('2026-11-25T03:00:00Z').toUTCString()

const attemptsFor = async (code: string, status: number): Promise<number> => {
  let attempts = 0
  const fault: Fault = async () => {
    attempts += 1
    const response = answered('iam', code, status)
    return { ...response, headers: { ...response.headers, date: AWS_TIME } }
  }
  const client = new IAMClient({
    region: 'us-east-1',
    credentials: { accessKeyId: 'AKIAXCSEC6TNEXAMPLE1', secretAccessKey: 'secret' },
    retryStrategy: standardRetries(2),
    requestHandler: inProcessHandler(() => Promise.reject(new Error('not asked')), { fault }),
  })
  await expect(client.send(new ListAccountAliasesCommand({}))).rejects.toMatchObject({ name: expect.stringContaining(code) })
  return attempts
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-11-25T02:00:00Z') }))
afterEach(() => void vi.useRealTimers())

describe('calls from a machine whose clock is an hour off', () => {
  it.each([
    ['NoSuchEntity', 404],
    ['ValidationError', 400],
    ['DryRunOperation', 412],
    ['AccessDenied', 403],
  ])('%s is an answer: it is not asked again', async (code, status) => {
    expect(await attemptsFor(code, status)).toBe(1)
  })

  it.each([
    ['RequestTimeTooSkewed', 403],
    ['SignatureDoesNotMatch', 403],
    ['InternalFailure', 500],
    ['Throttling', 400],
  ])('%s is asked again: the clock was the reason, or AWS is', async (code, status) => {
    expect(await attemptsFor(code, status)).toBe(2)
  })
})
