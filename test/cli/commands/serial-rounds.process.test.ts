import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetFindingsCommand, GuardDutyClient, ListDetectorsCommand } from '@aws-sdk/client-guardduty'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runCommandLine } from '../../../src/cli/program.ts'
// Loaded beforehand: from TypeScript it takes longer than a round, and a bundle is what a response loads.
import '@aws-sdk/client-ec2'
import '../../../src/cli/incident-run/run-response.ts'
import { memoryHost } from '../../support/host.ts'
import { inRounds } from '../../support/rounds.ts'
import { type ServedAccount, serveAccount } from '../../support/served-account.ts'

const home = mkdtempSync(join(tmpdir(), 'rounds-'))
let account: ServedAccount
let finding: { readonly arn: string; readonly id: string; readonly accessKeyId: string; readonly file: string }

beforeEach(async () => {
  account = await serveAccount(home, ['--pace', 'real'])
  for (const [name, value] of Object.entries(account.responderAt(home))) vi.stubEnv(name, value)
  const guardduty = new GuardDutyClient(account.configFor('responder'))
  const { DetectorIds: [DetectorId] = [] } = await guardduty.send(new ListDetectorsCommand({}))
  const { Findings: [found] = [] } = await guardduty.send(new GetFindingsCommand({ DetectorId, FindingIds: [account.findingId] }))
  const file = join(home, 'finding.json')
  writeFileSync(file, JSON.stringify(found))
  const accessKeyId = found?.Resource?.AccessKeyDetails?.AccessKeyId ?? ''
  finding = { arn: found?.Arn ?? '', id: account.findingId, accessKeyId, file }
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await account.stop()
})

/** The round in which the deny of a response leaves; the response is interrupted then. */
const roundOfDeny = async (
  asked: readonly string[],
  denied?: string,
): Promise<{ readonly round: number; readonly before: unknown }> => {
  const rounds = await inRounds(account.endpoint, denied)
  const interrupt = new AbortController()
  const stateDir = mkdtempSync(join(home, 'state-'))
  const { host, err } = memoryHost({ env: account.responderAt(home), signal: interrupt.signal })
  const running = runCommandLine(host, ['respond', ...asked, '--yes', '--endpoint-url', rounds.endpoint, '--state-dir', stateDir])
  try {
    const early = running.then((code) => Promise.reject(new Error(`it ended with ${code}: ${err()}`)))
    const round = await Promise.race([rounds.roundOf('Action=PutRolePolicy'), early])
    return { round, before: rounds.sent.slice(0, round) }
  } finally {
    interrupt.abort(new Error('seen enough'))
    rounds.close()
    await running.catch(() => undefined)
  }
}

describe('the deny of an approved response leaves', () => {
  it('in the second round from a finding file: who responds, the role and its policy are asked for at once', async () => {
    const { round, before } = await roundOfDeny([finding.file])
    expect(round, JSON.stringify(before)).toBeLessThanOrEqual(2)
  })

  it('in the third from a finding’s ARN', async () => {
    const { round, before } = await roundOfDeny([finding.arn])
    expect(round, JSON.stringify(before)).toBeLessThanOrEqual(3)
  })

  it('in the fourth from a bare finding id', async () => {
    const { round, before } = await roundOfDeny([finding.id])
    expect(round, JSON.stringify(before)).toBeLessThanOrEqual(4)
  })

  it('in the third from an access key whose calls CloudTrail shows, before GuardDuty has named its finding', async () => {
    const { round, before } = await roundOfDeny(['--access-key-id', finding.accessKeyId])
    expect(round, JSON.stringify(before)).toBeLessThanOrEqual(3)
  })

  it.each([
    ['third', 'an instance', ['--instance-id', 'i-08faaaafb15777f5a']],
    ['third', 'a session', ['--session', 'arn:aws:sts::111122223333:assumed-role/web-app/i-08faaaafb15777f5a']],
    ['fourth', 'a role', ['--role', 'web-app']],
  ])('in the %s from %s that GuardDuty does not name', async (last, _, asked) => {
    const { round, before } = await roundOfDeny([...asked, '--reason', 'EDR alert'], '/detector')
    expect(round, JSON.stringify(before)).toBeLessThanOrEqual(last === 'third' ? 3 : 4)
  })

  it('in the fifth from an access key that only GuardDuty names', async () => {
    const { round, before } = await roundOfDeny(['--access-key-id', finding.accessKeyId], 'LookupEvents')
    expect(round, JSON.stringify(before)).toBeLessThanOrEqual(5)
  })
})
