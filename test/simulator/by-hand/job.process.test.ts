import { spawn, spawnSync } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, it } from 'vitest'
import { emptyHomes } from '../../support/homes.ts'
import { type StartedBin, startBin } from '../../support/start-bin.ts'

const hasBoto3 = spawnSync('python3', ['-c', 'import boto3'], { env: process.env }).status === 0
const home = emptyHomes()
const accounts: StartedBin[] = []
afterAll(async () => {
  for (const account of accounts) account.kill('SIGINT')
  await Promise.all(accounts.map(({ ended }) => ended))
})

/** Plays a script of this folder on a simulated account, at its usual pace, and gives what it tells at its end. */
const byHand = async (scenario: string, script: string): Promise<unknown> => {
  const env = { HOME: home(), PATH: process.env.PATH ?? '' }
  const account = startBin(['simulate', scenario, '--json'], { env })
  accounts.push(account)
  const python = spawn('python3', [`test/simulator/by-hand/${script}.py`], { env: { ...process.env, AWS_ENDPOINT_URL: '' } })
  python.stdin.end(`${await account.line((line) => line.startsWith('{'))}\n`)
  const [told, failed] = await Promise.all([text(python.stdout), text(python.stderr)])
  expect(failed).toBe('')
  return JSON.parse(told)
}

describe.skipIf(!hasBoto3)('somebody who does the whole job by hand with boto3', () => {
  it('contains an instance’s credentials: deny, snapshots, stop, start, the new key and its issue, archived', async () => {
    expect(await byHand('custom-threat-list', 'instance')).toEqual({
      ...{ before: null, findings: 3, list: 'acme-bad-ips', issuedBy: 'ec2.amazonaws.com', instances: 3 },
      ...{ rights: ['s3:ListAllMyBuckets', 's3:GetBucketLocation'], functions: ['resize-images'] },
      buckets: ['acme-web-uploads', 'acme-security', 'acme-cloudtrail-111122223333'],
      after: ['UnauthorizedOperation', 'AccessDenied', 'UnauthorizedOperation'],
      ...{ console: true, isProtected: false, isFresh: true, reissuedBy: 'ec2.amazonaws.com', refusals: true, isArchived: true },
    })
  })

  it('contains a user’s key: inactive, its sessions denied, seen in CloudTrail, archived', async () => {
    expect(await byHand('user-key', 'user')).toEqual({
      ...{ account: '111122223333', user: 'deploy-bot', usedBy: 'deploy-bot', keys: ['Active'], status: ['Inactive'] },
      ...{ policies: ['deploy'], attached: [], groups: [], password: 'NoSuchEntity', mfa: [] },
      addresses: ['192.0.2.90', '198.51.100.23'],
      ...{ before: [null, null], after: ['AuthFailure', 'UnauthorizedOperation'] },
      ...{ recorded: 'Client.UnauthorizedOperation', archived: true },
    })
  })
})
