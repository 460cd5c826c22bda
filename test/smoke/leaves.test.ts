import { DescribeRegionsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Forwarder, forwardTo } from '../support/forwarder.ts'
import { emptyHomes } from '../support/homes.ts'
import { type ServedAccount, serveAccount } from '../support/served-account.ts'
import { startBin } from '../support/start-bin.ts'

const home = emptyHomes()
let account: ServedAccount
let wire: Forwarder

beforeAll(async () => {
  account = await serveAccount(home())
  wire = await forwardTo(account.endpoint)
  // The account answers its first request of a service later than the others.
  await new EC2Client(account.configFor('responder')).send(new DescribeRegionsCommand({}))
})

afterAll(async () => {
  wire?.close()
  await account?.stop()
})

/** Longer than a busy machine needs to end a process, and much shorter than the time-out of an answer. */
const SOON_MS = 5_000

describe('a response that has ended', () => {
  it('leaves at once, and reports nothing of what was still being read', async () => {
    const asked = wire.keepAnswerTo('DescribeRegions')
    const { region } = account
    const unknown = `arn:aws:guardduty:${region}:111122223333:detector/12abc34d567e8fa901bc2d34e56789f0/finding/${'0'.repeat(32)}`
    const args = ['respond', unknown, '--yes', '--no-input', '--json', '--verbose', '--endpoint-url', wire.endpoint]
    const response = startBin(args, { env: account.responderAt(home()) })
    await asked
    await response.line((line) => line.includes('"type":"ended"'))
    const over = performance.now()
    const { code, stdout } = await response.ended
    expect(performance.now() - over).toBeLessThan(SOON_MS)
    expect(code).toBe(5)
    expect(JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')).toMatchObject({ type: 'ended' })
    expect(stdout).not.toContain('DescribeRegions')
  })
})

describe('a response while AWS does not list the Regions', () => {
  it('denies by a finding’s id as soon as one Region has it', async () => {
    const asked = wire.keepAnswerTo('DescribeRegions')
    const args = ['respond', account.findingId, '--yes', '--no-input', '--json', '--verbose', '--endpoint-url', wire.endpoint]
    const response = startBin(args, { env: account.responderAt(home()) })
    await asked
    const isDeny = (line: string) => line.includes('PutRolePolicy') && line.includes('"type":"call"')
    await response.line(isDeny)
    const before = response.lines.slice(0, response.lines.findIndex(isDeny))
    expect(before.filter((line) => line.includes('DescribeRegions'))).toEqual([])
    response.kill('SIGKILL')
    await response.ended
  })
})
