import { readFileSync, statSync } from 'node:fs'
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { DescribeInstancesCommand, DescribeSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { GetRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { stages } from '../../src/cli/incident-run/stages.ts'
import { argumentsOf, endedOf, eventsOf, IR_CRED, stagesEntered, stagesEstablished } from '../support/bin-events.ts'
import { emptyHomes } from '../support/homes.ts'
import { keysOnInstance } from '../support/instance-keys.ts'
import type { Ran } from '../support/run-bin.ts'
import { SUBJECT_INSTANCE } from '../support/scenario.ts'
import { type ServedAccount, serveAccount } from '../support/served-account.ts'
import { ranBin } from '../support/start-bin.ts'
import { UNDONE } from './undone.ts'

const home = emptyHomes()
let account: ServedAccount
let env: Record<string, string>
let refusedBefore: string
let ran: Ran
let seconds: number

/** What the answer to DescribeInstances is for somebody: '' when it is given, else the refusal. */
const refusal = async (config: ConstructorParameters<typeof EC2Client>[0] & object): Promise<string> => {
  try {
    await new EC2Client(config).send(new DescribeInstancesCommand({ InstanceIds: [SUBJECT_INSTANCE] }))
    return ''
  } catch (error) {
    return error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  }
}

beforeAll(async () => {
  account = await serveAccount(home())
  env = account.responderAt(home())
  refusedBefore = await refusal(account.configFor('attacker'))
  const begun = performance.now()
  ran = await ranBin(['respond', account.findingId, '--yes', '--no-input', '--json', '--endpoint-url', account.endpoint], { env })
  seconds = (performance.now() - begun) / 1000
})

afterAll(() => account?.stop())

describe('a response over HTTP', () => {
  it('walks the whole runbook in less than a minute, and ends with what happened', () => {
    expect({ code: ran.code, stderr: ran.stderr }).toEqual({ code: 0, stderr: '' })
    expect(endedOf(ran)).toMatchObject({ type: 'ended', ending: 'completed', exitCode: 0, writes: 6, unproven: [], alarms: [] })
    const events = eventsOf(ran)
    expect(events.filter(({ type }) => type === 'ended')).toHaveLength(1)
    expect(stagesEstablished(ran)).toEqual(new Set(stages.map(({ id }) => id).filter((id) => !UNDONE.includes(id))))
    expect(stagesEntered(ran)).toEqual(stages.map(({ id }) => id))
    const entered = events.filter(({ type }) => type === 'entered')
    expect(entered.map(({ number, of }) => [number, of])).toEqual(stages.map((_, index) => [index + 1, stages.length]))
    expect(seconds).toBeLessThan(60)
  })

  it('puts the attacker out: his calls worked before, and are refused by an explicit deny', async () => {
    expect(refusedBefore).toBe('')
    expect(await refusal(account.configFor('attacker'))).toMatch(/^UnauthorizedOperation: .* explicit deny/)
  })

  it('leaves the attacker GetCallerIdentity, which no policy denies', async () => {
    const { Arn } = await new STSClient(account.configFor('attacker')).send(new GetCallerIdentityCommand({}))
    expect(Arn).toBe(`arn:aws:sts::111122223333:assumed-role/web-app/${SUBJECT_INSTANCE}`)
  })

  it('leaves the instance with the credentials that it reported, and they work', async () => {
    const credentials = await keysOnInstance(account.configFor('responder'), SUBJECT_INSTANCE)
    const rotation = eventsOf(ran).find(({ type, stage }) => type === 'established' && stage === 'verify-rotation')?.fact
      ?.rotation
    expect(rotation).toMatchObject({
      verdict: 'rotated',
      oldAccessKeyId: account.credentials.attacker.accessKeyId,
      newAccessKeyId: credentials.accessKeyId,
    })
    expect(await refusal({ ...account.configFor('attacker'), credentials })).toBe('')
  })

  it('leaves the policy that the IAM console would have left', async () => {
    const { PolicyDocument = '' } = await new IAMClient(account.configFor('responder')).send(
      new GetRolePolicyCommand({ RoleName: 'web-app', PolicyName: 'AWSRevokeOlderSessions' }),
    )
    const [statement] = [JSON.parse(decodeURIComponent(PolicyDocument)).Statement].flat()
    expect(statement).toMatchObject({ Effect: 'Deny', Action: ['*'], Resource: ['*'] })
    expect(statement.Condition.DateLessThan['aws:TokenIssueTime']).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/)
  })

  it('leaves one snapshot of each volume, and one revocation in the account’s own trail', async () => {
    const { Snapshots = [] } = await new EC2Client(account.configFor('responder')).send(
      new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters: [{ Name: 'tag-key', Values: ['ir-cred:incident'] }] }),
    )
    expect(Snapshots).toHaveLength(2)
    expect(new Set(Snapshots.map(({ VolumeId }) => VolumeId)).size).toBe(2)
    const lookup = new LookupEventsCommand({ LookupAttributes: [{ AttributeKey: 'EventName', AttributeValue: 'PutRolePolicy' }] })
    expect((await new CloudTrailClient(account.configFor('responder')).send(lookup)).Events).toHaveLength(1)
  })

  it('keeps a report and a journal that only their owner can read, and no secret in them', () => {
    const { report = '' } = endedOf(ran)
    const files = ['report.md', 'report.json', 'journal.ndjson'].map((name) => report.replace(/report\.md$/, name))
    expect(files.map((file) => statSync(file).mode & 0o777)).toEqual([0o600, 0o600, 0o600])
    const written = files.map((file) => readFileSync(file, 'utf8')).join('\n')
    expect(written).toContain(account.credentials.attacker.accessKeyId)
    for (const { secretAccessKey, sessionToken } of Object.values(account.credentials)) {
      expect(written + ran.stdout).not.toContain(secretAccessKey)
      expect(written + ran.stdout).not.toContain(sessionToken)
    }
  })
})

describe('commands after a response', () => {
  it.each([
    ['findings', ['findings', '--json'], 'finding'],
    ['doctor', ['doctor', '--json'], 'check'],
    ['incidents', ['incidents', '--json'], 'incident'],
  ])('%s --json gives one object a line', async (command, args, type) => {
    const place = command === 'incidents' ? [] : ['--endpoint-url', account.endpoint]
    const told = await ranBin([...args, ...place], { env })
    expect({ code: told.code, stderr: told.stderr }).toEqual({ code: 0, stderr: '' })
    expect(eventsOf(told).length).toBeGreaterThan(0)
    expect(new Set(eventsOf(told).map((event) => event.type))).toEqual(new Set([type]))
  })

  it('findings shows the finding that was responded to, and the sample as a sample', async () => {
    const { stdout } = await ranBin(['findings', '--endpoint-url', account.endpoint], { env })
    expect(stdout).toContain(account.findingId)
    expect(stdout).toMatch(/ SAMPLE {2}UnauthorizedAccess:IAMUser\/MaliciousIPCaller\.Custom/)
  })

  it('findings can be asked for a key, a type, a severity and an age', async () => {
    const ask = async (...filters: string[]) =>
      eventsOf(await ranBin(['findings', '--json', ...filters, '--endpoint-url', account.endpoint], { env })).length
    const [all, ofKey, custom, critical, recent] = await Promise.all([
      ask(),
      ask('--access-key-id', account.credentials.attacker.accessKeyId),
      ask('--type', 'unauthorizedaccess:iamuser/maliciousipcaller.custom'),
      ask('--min-severity', '9'),
      ask('--age', '1d'),
    ])
    expect(ofKey).toBeGreaterThan(0)
    expect(custom).toBeGreaterThan(0)
    expect([ofKey, custom, recent].every((count = 0) => count < (all ?? 0))).toBe(true)
    expect(critical).toBe(0)
  })

  it('doctor finds nothing that would stop a response', async () => {
    const checks = eventsOf(await ranBin(['doctor', '--json', '--endpoint-url', account.endpoint], { env }))
    expect(checks.map(({ check }) => check)).toEqual(
      expect.arrayContaining(['node', 'clock', 'identity', 'region', 'GuardDuty', 'Detective', 'permissions', 'SSM']),
    )
    expect(checks.filter(({ state }) => state === 'problem')).toEqual([])
  })

  it('report prints the report that lies beside the journal', async () => {
    const { incident, report = '' } = endedOf(ran)
    const [markdown, json] = await Promise.all(
      ['markdown', 'json'].map((format) => ranBin(['report', incident, '--format', format], { env })),
    )
    expect(markdown?.stdout.trim()).toBe(readFileSync(report, 'utf8').trim())
    expect(JSON.parse(json?.stdout ?? '')).toEqual(JSON.parse(readFileSync(report.replace(/md$/, 'json'), 'utf8')))
  })

  it('a second response to the finding changes nothing and opens nothing: it says that the incident is finished, and how to open another', async () => {
    const { incident } = endedOf(ran)
    const second = ['respond', account.findingId, '--yes', '--endpoint-url', account.endpoint]
    const again = await ranBin(second, { env })
    expect(again.code).toBe(3)
    expect(again.stderr).toContain(`incident ${incident} on this finding is finished`)
    expect(again.stderr).toContain(`${IR_CRED} report ${incident}`)
    const [anew = ''] = /node bin\/ir-cred\.js respond [^\n;`]* --incident [\w-]+(?=`$)/m.exec(again.stderr) ?? []
    expect(anew).toBe(`${IR_CRED} respond ${account.findingId} --endpoint-url ${account.endpoint} --incident ${incident}-2`)
    const told = await ranBin([...second, '--json'], { env })
    expect(endedOf(told)).toMatchObject({ exitCode: 3, writes: 0, incident, continueWith: `${IR_CRED} report ${incident}` })
    expect(eventsOf(await ranBin(['incidents', '--json'], { env }))).toHaveLength(1)

    const meant = await ranBin([...argumentsOf(anew), '--yes', '--json', '--dry-run'], { env })
    expect(meant.code).toBe(0)
  })

  it('a second look at the finished incident changes nothing', async () => {
    const again = await ranBin(
      ['respond', '--incident', endedOf(ran).incident, '--endpoint-url', account.endpoint, '--yes', '--no-input', '--json'],
      { env },
    )
    expect(again.code).toBe(0)
    expect(endedOf(again)).toMatchObject({ ending: 'completed', writes: 0 })
  })
})
