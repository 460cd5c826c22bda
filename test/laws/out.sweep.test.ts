import { describe, expect, it } from 'vitest'
import { stages } from '../../src/cli/incident-run/stages.ts'
import type { IssuedCredential } from '../../src/simulator/account/credentials.ts'
import type { PlannedCall } from '../../src/simulator/actors/actor.ts'
import { issueSession, issueUserKey } from '../../src/simulator/issue-credentials.ts'
import { recordIssue } from '../../src/simulator/records/record.ts'
import type { TrailEvent } from '../../src/simulator/records/record-document.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { iam } from '../../src/simulator/services/iam.ts'
import { sts } from '../../src/simulator/services/sts.ts'
import {
  call,
  callsOn,
  ELSEWHERE,
  KALI,
  keyIn,
  makesKey,
  newCredentials,
  records,
  silence,
  THEFT,
  widen,
} from '../support/attacker-acts.ts'
import { blockText } from '../support/block-text.ts'
import { type MemoryRun, runInMemory } from '../support/run-in-memory.ts'
import { passes } from '../support/scenario.ts'
import { buildQuick } from './whole-run.ts'

const ended = async (built: BuiltScenario, parts: Partial<MemoryRun> = {}) => {
  const { result } = await runInMemory({ built, ...parts })
  const { facts } = result.incident
  return { ...result, facts, said: blockText(stages.at(-1)?.describe(facts) ?? []), alarmed: result.alarms.join('\n') }
}

describe('a living way in is an alarm and exit code 6', () => {
  it.each<[mark: string, sourceIp: string, parts: Partial<PlannedCall>]>([
    ['the address', THEFT, {}],
    ['a user agent', ELSEWHERE, { userAgent: KALI }],
  ])('when the new key is used with %s of the theft', async (_, sourceIp, parts) => {
    const built = await buildQuick()
    callsOn(built, newCredentials(built), sourceIp, parts)
    const { exitCode, alarmed, said } = await ended(built)
    expect(exitCode).toBe(6)
    expect(alarmed).toMatch(/THE ATTACKER HAS NEW CREDENTIALS: \d+ calls with ASIA\w+, the key that the workload got after/)
    expect(said).not.toContain('The attacker is out')
  })

  it('when another session of the role is taken after the cut-off and used from the address of the theft', async () => {
    const built = await buildQuick()
    const web = built.account.roles.get('web-app')
    if (!web) throw new Error('there is no role web-app')
    let taken: IssuedCredential | undefined
    built.account.agenda.add(built.account.clock.now() + 300_000, () => {
      taken = issueSession(built.account, web, 'i-0aa1b2c3d4e5f6071', 3600)
      recordIssue(built.account, taken)
    })
    callsOn(built, () => taken, THEFT)
    const { exitCode, alarmed } = await ended(built)
    expect([exitCode, alarmed]).toEqual([6, expect.stringContaining('a session that the role gave since the cut-off')])
  })

  it.each(['us-east-1', 'eu-west-1', 'us-west-2'])(
    'when a chained session lives that was taken at the STS endpoint of %s',
    async (region) => {
      const built = await buildQuick()
      widen(built)
      const input = { RoleArn: 'arn:aws:iam::111122223333:role/deploy', RoleSessionName: 'x', DurationSeconds: 3600 }
      const key = keyIn(call(built, built.cast.attacker, ['sts', sts, 'AssumeRole'], input, { region }))
      const { exitCode, alarmed } = await ended(built)
      expect(exitCode).toBe(6)
      expect(alarmed).toContain(`A CHAINED SESSION IS ALIVE: AssumeRole ${key}`)
      expect(alarmed).toContain('aws iam put-role-policy --role-name deploy')
    },
  )

  it('when an access key that the attacker made is used after its creation, from anywhere', async () => {
    const built = await buildQuick()
    const key = makesKey(built)
    callsOn(built, () => key, ELSEWHERE)
    const { exitCode, alarmed } = await ended(built)
    expect(exitCode).toBe(6)
    expect(alarmed).toContain(`A KEY OF THE ATTACKER IS IN USE: ${key.accessKeyId} of eve`)
    expect(alarmed).toContain(`aws iam update-access-key --user-name eve --access-key-id ${key.accessKeyId} --status Inactive`)
  })

  it.each(['Inactive', 'deleted'] as const)('and no alarm any more once the key is %s', async (how) => {
    const built = await buildQuick()
    const key = makesKey(built)
    callsOn(built, () => key, ELSEWHERE)
    const eve = built.account.users.get('eve')
    const made = eve?.accessKeys.get(key.accessKeyId)
    passes(built, 120)
    if (how === 'deleted') eve?.accessKeys.delete(key.accessKeyId)
    else if (made) eve?.accessKeys.set(key.accessKeyId, { ...made, status: 'Inactive' })
    expect((await ended(built)).alarms).toEqual([])
  })

  it('when a key is used that was made with a key that the attacker made', async () => {
    const built = await buildQuick()
    const first = makesKey(built)
    // The new user's policy has spread.
    passes(built, 30)
    const second = keyIn(call(built, first, ['iam', iam, 'CreateAccessKey'], { UserName: 'eve' }))
    const credential = built.account.credentials.find(second)
    callsOn(built, () => credential, ELSEWHERE)
    const { alarmed, unproven } = await ended(built)
    expect(alarmed).toContain(`A KEY OF THE ATTACKER IS IN USE: ${second} of eve`)
    expect(unproven.join()).toContain(`made with keys of the attacker, and not looked at: access key ${second} of user "eve"`)
  })
})

describe('code of the attacker that runs under another role', () => {
  it.each([
    ['lambda.amazonaws.com', 'UpdateFunctionCode20150331v2', { functionName: 'resize-images' }, 'resize-images'],
    ['lambda.amazonaws.com', 'CreateFunction20150331', { functionName: 'helper' }, 'helper'],
  ])('is an alarm once AWS has issued credentials to it: %s %s', async (source, event, parameters, session) => {
    const built = await buildQuick()
    widen(built)
    records(built, source, event, parameters)
    const deploy = built.account.roles.get('deploy')
    if (!deploy) throw new Error('there is no role deploy')
    passes(built, 30)
    recordIssue(built.account, issueSession(built.account, deploy, session, 3600), 'lambda.amazonaws.com')
    const { exitCode, alarmed } = await ended(built)
    expect(exitCode).toBe(6)
    expect(alarmed).toMatch(
      /CODE OF THE ATTACKER HOLDS CREDENTIALS: .* got credentials of arn:aws:iam::111122223333:role\/deploy at/,
    )
  })

  it('is no alarm once these credentials have expired', async () => {
    const built = await buildQuick()
    widen(built)
    records(built, 'lambda.amazonaws.com', 'CreateFunction20150331', { functionName: 'helper' })
    const deploy = built.account.roles.get('deploy')
    if (!deploy) throw new Error('there is no role deploy')
    recordIssue(built.account, issueSession(built.account, deploy, 'helper', 3600), 'lambda.amazonaws.com')
    passes(built, 3600 + 60)
    expect((await ended(built)).alarmed).not.toContain('HOLDS CREDENTIALS')
  })

  it('is ambiguous on an instance that the attacker entered: nothing shows who uses its credentials', async () => {
    const built = await buildQuick()
    records(built, 'ssm.amazonaws.com', 'SendCommand', {
      instanceIds: ['i-0aa1b2c3d4e5f6071'],
      documentName: 'AWS-RunShellScript',
    })
    const { alarms, facts } = await ended(built)
    expect(alarms).toEqual([])
    expect(facts.closure?.ambiguous?.join()).toContain('i-0aa1b2c3d4e5f6071, entered by SendCommand')
  })
})

const BUILD = 'helper:0d9c7a1e-4b52-4f0e-9a57-6f2f5f0c1b11'
const DEPLOY = 'arn:aws:iam::111122223333:role/deploy'

/** A project that runs under role deploy, and its build, of the attacker or from elsewhere; then CodeBuild takes the role's credentials. */
const builds = (built: BuiltScenario, more: Partial<TrailEvent> = {}): void => {
  widen(built)
  records(built, 'codebuild.amazonaws.com', 'CreateProject', { name: 'helper', serviceRole: DEPLOY }, more)
  const responseElements = { build: { id: BUILD, serviceRole: DEPLOY } }
  records(built, 'codebuild.amazonaws.com', 'StartBuild', { projectName: 'helper' }, { responseElements, ...more })
  const deploy = built.account.roles.get('deploy')
  if (!deploy) throw new Error('there is no role deploy')
  passes(built, 30)
  const session = `AWSCodeBuild-${BUILD.split(':')[1]}`
  recordIssue(built.account, issueSession(built.account, deploy, session, 3600), 'codebuild.amazonaws.com')
}

describe('a build of the attacker under a role that was passed to CodeBuild', () => {
  it('is an alarm with the command that stops it, while the credentials that it got live', async () => {
    const built = await buildQuick()
    builds(built)
    const { exitCode, alarmed, said } = await ended(built)
    expect(exitCode).toBe(6)
    expect(alarmed).toContain(
      `CODE OF THE ATTACKER HOLDS CREDENTIALS: codebuild, build "${BUILD}" of project "helper", by StartBuild`,
    )
    expect(alarmed).toMatch(/got credentials of arn:aws:iam::111122223333:role\/deploy .* which live until 2026-11-25T0\d:/)
    expect(alarmed).toContain(`aws codebuild stop-build --id ${BUILD} --region us-east-1`)
    expect(said).not.toContain('The attacker is out')
  })

  it('is no alarm once anybody has stopped it: what its code may have passed on is said', async () => {
    const built = await buildQuick()
    builds(built)
    const byResponder = { credential: built.cast.responder, sourceIp: '203.0.113.99' }
    records(built, 'codebuild.amazonaws.com', 'StopBuild', { id: BUILD }, byResponder)
    const { alarms, facts } = await ended(built)
    expect(alarms).toEqual([])
    expect(facts.closure?.ambiguous?.join()).toContain('StopBuild ended it at')
  })

  it('is no alarm when the workload started it from its own address', async () => {
    const built = await buildQuick()
    builds(built, { sourceIp: '203.0.113.25', userAgent: 'aws-sdk-java/2.20.1' })
    const { alarms, facts } = await ended(built)
    expect(alarms).toEqual([])
    expect(facts.closure?.ambiguous?.join()).toContain('the job may be the workload’s')
  })
})

describe('what is left behind and was not seen to be used', () => {
  it('is no alarm and does not let the attacker be called out', async () => {
    const built = await buildQuick()
    makesKey(built)
    const { exitCode, said, alarms } = await ended(built)
    expect(alarms).toEqual([])
    expect(exitCode).toBe(0)
    expect(said).toMatch(/The stolen key is refused\. \d+ things are left behind, worst: /)
    expect(said).not.toContain('The attacker is out')
  })
})

describe('"out" is said', () => {
  it('of every Region that CloudTrail shows until 15 minutes after the deny was in force', async () => {
    const { exitCode, said, facts } = await ended(await buildQuick())
    expect(exitCode).toBe(0)
    expect(said).toMatch(/The attacker is out of us-east-1, eu-west-1, us-west-2: \d+ calls of the attacker refused/)
    expect(facts.closure?.regions?.map(({ shown }) => shown)).toEqual([true, true, true])
    expect(facts.closure?.unproven).toEqual([])
  })

  it('of no Region before that: what CloudTrail does not show yet is listed, and the exit code is 0', async () => {
    const { exitCode, said, unproven } = await ended(await buildQuick(), { proofWait: 0 })
    expect(exitCode).toBe(0)
    expect(said).not.toContain('The attacker is out')
    expect(unproven.join('\n')).toMatch(/us-east-1.*: denied; CloudTrail shows (nothing after|none of your own calls)/)
  })
})

describe('refusals', () => {
  it('of the workload whose way out is hidden are never the attacker’s, when the attacker is silent', async () => {
    const built = await buildQuick()
    const workload = silence(built)
    callsOn(built, workload, ELSEWHERE)
    const { said, facts } = await ended(built)
    expect(facts.closure).toMatchObject({ refused: 0, ambiguousRefused: expect.any(Number) })
    expect(facts.closure?.ambiguousRefused).toBeGreaterThan(0)
    expect(said).toContain('CloudTrail shows no call of the attacker that the revocation refused')
    expect(said).toMatch(/refused calls may be the attacker’s or the workload’s/)
    expect(said).not.toContain('The attacker is out')
  })

  it('of the workload are counted apart from the attacker’s', async () => {
    const built = await buildQuick()
    const stolen = { ...built.cast.attacker }
    callsOn(built, () => stolen, '203.0.113.25')
    const { facts, said } = await ended(built)
    expect(facts.closure?.refused).toBeGreaterThan(0)
    expect(facts.closure?.workloadRefused).toBeGreaterThan(0)
    expect(said).toMatch(/\d+ calls of the workload were refused with the old key too/)
  })
})

it('a key of a user that the attacker did not make is nobody’s way in', async () => {
  const built = await buildQuick()
  const user = { name: 'ci', id: 'AIDAXCSEC6TNCIUSERRRR', path: '/', createdAt: 0, tags: {}, attachedPolicies: [] }
  built.account.users.set('ci', { ...user, inline: new Map(), deleted: new Map(), accessKeys: new Map() })
  const key = issueUserKey(built.account, { ...user, inline: new Map(), deleted: new Map(), accessKeys: new Map() })
  callsOn(built, () => key, ELSEWHERE)
  expect((await ended(built)).alarms).toEqual([])
})
