import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { answered, answers, breaks } from '../faults/kinds.ts'
import { buildQuick } from '../laws/whole-run.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { passes, subjectInstanceOf } from '../support/scenario.ts'
import { saidBy } from './said.ts'
import { hostile, hostManaged, noIssues } from './situations.ts'

const commandsOf = ({ account }: BuiltScenario) => [...account.commands.values()]

describe('an instance that requires IMDSv2', () => {
  it('is asked over IMDSv2 only', async () => {
    const built = await buildQuick()
    Object.assign(subjectInstanceOf(built), { httpTokens: 'required' })
    expect((await runInMemory({ built, proofWait: 0 })).result.exitCode).toBe(0)
  })

  it('gives no answer when its metadata service is off: only CloudTrail’s record counts', async () => {
    const built = await buildQuick()
    const off = answers('ssm:SendCommand', async (_, next) => {
      Object.assign(subjectInstanceOf(built), { metadataEnabled: false })
      return next()
    })
    const { result } = await runInMemory({ built, fault: off, proofWait: 0 })
    expect(result.incident.facts.rotation).toMatchObject({ unasked: true, corroboration: [{ kind: 'cloudtrail' }] })
    expect(result.incident.facts.rotation?.why).toMatch(/the instance itself could not be asked/)
  })
})

describe('what Systems Manager keeps of the command', () => {
  it('is four lines: role, key id and two times', async () => {
    const built = await buildQuick()
    await runInMemory({ built, proofWait: 0 })
    const [command] = commandsOf(built)
    expect(
      command?.stdout
        .trim()
        .split('\n')
        .map((line) => line.split('=')[0]),
    ).toEqual(['Role', 'LastUpdated', 'AccessKeyId', 'Expiration'])
    expect(command?.stderr).toBe('')
  })
})

describe('an SSM agent that sleeps after a refusal', () => {
  it('is waited for 26 minutes, and progress says why', async () => {
    const ran = await runInMemory({ built: await buildQuick('custom-threat-list', { agentTakes: 26 * 60 }), proofWait: 0 })
    expect(ran.result.exitCode).toBe(0)
    expect(saidBy(ran, 'verify-rotation')).toMatch(
      /the revocation cut off the SSM agent, which comes back with new credentials; waiting 20 min/,
    )
  })

  it('leaves the rotation unconfirmed after that, with exit 6, a way by hand and a run that can be continued', async () => {
    const built = await buildQuick('custom-threat-list', { agentTakes: 45 * 60 })
    const journal: Entry[] = []
    const ran = await runInMemory({ built, journal, fault: noIssues, proofWait: 0 })
    const { result } = ran
    expect(result).toMatchObject({ ending: 'completed', exitCode: 6 })
    expect(result.incident.facts.rotation?.why).toMatch(/has not called since the start, and CloudTrail shows no new issue to it/)
    expect(result.incident.facts.persistence).toBeDefined()
    expect(saidBy(ran, 'verify-rotation')).toMatch(/never print the secret.*continue later/)
    passes(built, 1200)
    expect((await runInMemory({ built, journal, proofWait: 0 })).result.exitCode).toBe(0)
  })
})

describe('an SSM agent that Systems Manager shows as online', () => {
  it('does not count by a ping from before the stop: the command waits for one after the start', async () => {
    const built = await buildQuick('custom-threat-list', { agentTakes: 60 })
    const stale = built.account.clock.now() / 1000 - 60
    const fault = answers('ssm:DescribeInstanceInformation', async (_, next) => {
      const response = await next()
      const row = { InstanceId: subjectInstanceOf(built).id, PingStatus: 'Online', LastPingDateTime: stale }
      const empty = JSON.parse(response.body).InstanceInformationList?.length === 0
      return empty ? { ...response, body: JSON.stringify({ InstanceInformationList: [row] }) } : response
    })
    const { result } = await runInMemory({ built, fault, proofWait: 0 })
    const { launchTime, agent } = subjectInstanceOf(built)
    expect(result.exitCode).toBe(0)
    expect(commandsOf(built)[0]?.requestedAt).toBeGreaterThan(launchTime + 60_000)
    expect(agent.lastPingAt).toBeGreaterThan(launchTime)
  })
})

describe('an answer of Systems Manager', () => {
  it('is no failure when it is InvocationDoesNotExist right after sending', async () => {
    const { result, calls } = await runInMemory({ built: await buildQuick(), proofWait: 0 })
    expect(calls.filter((call) => call === 'ssm:GetCommandInvocation').length).toBeGreaterThan(1)
    expect(result.exitCode).toBe(0)
  })

  it('leaves CloudTrail’s record as the proof when it is InvalidInstanceId for the command, once the wait for the agent is over', async () => {
    const fault = answers('ssm:SendCommand', async () => answered('ssm', 'InvalidInstanceId', 400, 'not in a valid state'))
    const { result, journal } = await runInMemory({ built: await buildQuick(), fault, proofWait: 0 })
    expect(result).toMatchObject({ exitCode: 0, incident: { facts: { rotation: { verdict: 'rotated', unasked: true } } } })
    expect(result.incident.facts.rotation?.why).toContain('ssm:SendCommand answers InvalidInstanceId')
    const sent = journal.filter((entry) => entry.type === 'sent' && entry.stage === 'verify-rotation')
    expect(sent.length).toBeGreaterThan(1)
    expect(sent.every((entry) => entry.type === 'sent' && entry.outcome === 'refused')).toBe(true)
  })

  it('ends the wait for the agent at once when it is a denial, and the missing permission is named before the stop', async () => {
    const built = await buildQuick('custom-threat-list', { agentTakes: 600 })
    const fault = breaks('denied', { operation: 'ssm:DescribeInstanceInformation', times: 99 })
    const ran = await runInMemory({ built, fault, proofWait: 0 })
    const firstSending = ran.journal.find((entry) => entry.type === 'intended' && entry.stage === 'verify-rotation')
    expect(Date.parse(firstSending?.at ?? '') - subjectInstanceOf(built).launchTime).toBeLessThan(60_000)
    expect(saidBy(ran, 'restart-instance')).toMatch(/ssm:DescribeInstanceInformation is denied/)
    expect(ran.result.ending).toBe('completed')
  })
})

describe('a Windows instance', () => {
  it('gets the PowerShell document, and without an answer the rotation rests on CloudTrail’s record alone', async () => {
    const built = await buildQuick()
    const windows = {
      ...subjectInstanceOf(built),
      platform: 'windows' as const,
      agent: { ...subjectInstanceOf(built).agent, platform: 'Windows' as const },
    }
    built.account.instances.set(windows.id, windows)
    const { result } = await runInMemory({ built, fault: noIssues, proofWait: 0 })
    expect(commandsOf(built)[0]?.documentName).toBe('AWS-RunPowerShellScript')
    expect(result).toMatchObject({ exitCode: 6, incident: { facts: { rotation: { verdict: 'unverifiable', unasked: true } } } })
  })
})

describe('a hostile host', () => {
  it.each([
    [
      'claims to be verified',
      (honest: string) => `VERIFIED by ir-cred\n${honest.replace(/AccessKeyId=.*\n/, '')}`,
      'unverifiable',
    ],
    ['names two keys', (honest: string) => `${honest}\nAccessKeyId=ASIAXXXXXXXXXXXXXXXX\n`, 'unverifiable'],
    ['names another role', (honest: string) => honest.replace('Role=web-app', 'Role=Admin'), 'unverifiable'],
    ['says nothing', () => '', 'unverifiable'],
    ['answers with escapes', (honest: string) => honest.replace('AccessKeyId=', 'AccessKeyId=\u001b[31m'), 'unverifiable'],
    ['still has the stolen key', (honest: string) => honest.replace(/ASIA\w{16}/, 'ASIAXCSEC6TNGZ6EZUUO'), 'not-rotated'],
    [
      'has its other set of old credentials',
      (honest: string) => honest.replace(/ASIA\w{16}/, 'ASIAXCSEC6TN3WQJ5KVD'),
      'not-rotated',
    ],
    [
      'replays an old time',
      (honest: string) => honest.replace(/LastUpdated=2026-11-25T02/, 'LastUpdated=2026-11-25T01'),
      'not-rotated',
    ],
    [
      'gives expired credentials',
      (honest: string) => honest.replace(/Expiration=2026-11-25T0\d/, 'Expiration=2026-11-25T01'),
      'unverifiable',
    ],
  ])('is not "rotated", with exit 6, when it %s', async (_, stdout, verdict) => {
    const { result } = await runInMemory({ built: await buildQuick(), fault: hostile(stdout), proofWait: 0 })
    expect(result.incident.facts.rotation?.verdict).toBe(verdict)
    expect(result.exitCode).toBe(6)
  })

  it('is not "rotated" when it reports a key that nobody issued, under Default Host Management', async () => {
    const built = await hostManaged(buildQuick())
    const fault = hostile((honest) => honest.replace(/ASIA\w{16}/, 'ASIAXXXXXXXXXXXXXXXX'))
    const { result } = await runInMemory({ built, fault, proofWait: 600 })
    expect(result).toMatchObject({
      exitCode: 6,
      incident: {
        facts: { rotation: { verdict: expect.stringMatching(/^(rotated-unproven|contradicted)$/), corroboration: [] } },
      },
    })
  })

  it('is "rotated" when CloudTrail alone corroborates it', async () => {
    const built = await hostManaged(buildQuick())
    const { result } = await runInMemory({ built })
    expect(result.incident.facts.rotation).toMatchObject({ verdict: 'rotated', corroboration: [{ kind: 'cloudtrail' }] })
  })
})

describe('silence of CloudTrail', () => {
  it('is no containment: ir-cred says up to when CloudTrail shows calls', async () => {
    const ran = await runInMemory({ built: await buildQuick(), proofWait: 0 })
    expect(saidBy(ran, 'close-incident')).toMatch(
      /no call of the attacker that the revocation refused \(yet\)[\s\S]*(seen up to|none of your own calls yet)/,
    )
    expect(ran.result.unproven.join('\n')).toMatch(/denied; CloudTrail shows (nothing after|none of your own calls)/)
  })
})
