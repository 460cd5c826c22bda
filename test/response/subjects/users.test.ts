import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../src/incident/entry.ts'
import { stillToDo } from '../../../src/incident/still-to-do.ts'
import { HOUR_SECONDS, SECOND_MS } from '../../../src/incident/values/duration.ts'
import type { Instant } from '../../../src/incident/values/instant.ts'
import { guards } from '../../../src/response/guards.ts'
import { parentKeyWays } from '../../../src/response/stages/close-access/user-ways.ts'
import type { IssuedCredential } from '../../../src/simulator/account/credentials.ts'
import { issueUserSession } from '../../../src/simulator/issue-credentials.ts'
import { recordEvent } from '../../../src/simulator/records/record.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import type { Fault } from '../../../src/simulator/wire/message.ts'
import { breaks } from '../../faults/kinds.ts'
import { askedBy } from '../../faults/operation.ts'
import { buildQuick, changesIn } from '../../laws/whole-run.ts'
import { allowing } from '../../support/account.ts'
import { userWithKey } from '../../support/obtained-session.ts'
import { type MemoryRun, plainYes, runInMemory } from '../../support/run-in-memory.ts'
import { incidentWith, LIVE } from '../../support/stage-context.ts'
import { onAccount } from '../../support/stage-on-account.ts'
import { answerTo, stolen } from '../../support/subjects.ts'

const run = (built: BuiltScenario, parts: Partial<MemoryRun> = {}) => runInMemory({ built, proofWait: 0, ...parts })

const userOf = ({ account }: BuiltScenario, name = 'deploy') => {
  const user = account.users.get(name)
  if (!user) throw new Error(`no user ${name}`)
  return user
}

/** A user who may do anything, with one key. */
const powerful = (built: BuiltScenario, name = 'deploy'): IssuedCredential => {
  const key = userWithKey(built, name)
  userOf(built, name).inline.set('rights', { document: allowing('*'), writtenAt: 0 })
  return key
}

/** A session that the key obtained by GetSessionToken 40 minutes ago, with CloudTrail's record of it. */
const sessionOf = (built: BuiltScenario, key: IssuedCredential): IssuedCredential => {
  const { account } = built
  const at = account.clock.now() - 2_400 * SECOND_MS
  const session = issueUserSession(account, userOf(built), 12 * HOUR_SECONDS, at)
  recordEvent(account, {
    ...{ credential: key, eventSource: 'sts.amazonaws.com', eventName: 'GetSessionToken', readOnly: true, at },
    ...{ sourceIp: '198.51.100.23', userAgent: 'unknown/1.0' },
    responseElements: { Credentials: { AccessKeyId: session.accessKeyId, SessionToken: session.sessionToken } },
    resources: [{ type: 'AWS::IAM::AccessKey', name: session.accessKeyId }],
  })
  return session
}

const stateOf = (built: BuiltScenario, { accessKeyId }: IssuedCredential) => userOf(built).accessKeys.get(accessKeyId)?.status

describe('a stolen long-term key of a user', () => {
  it('is inactive after the run, the sessions obtained with it are denied, and no other user is touched', async () => {
    const built = await buildQuick()
    const other = powerful(built, 'bystander')
    const key = powerful(built)
    const session = sessionOf(built, key)
    stolen(built, key)
    const { result } = await run(built)
    expect(stateOf(built, key)).toBe('Inactive')
    expect(answerTo(built, session)).toBe('explicitDeny')
    expect(answerTo(built, other)).toBe('allowed')
    expect([...userOf(built, 'bystander').inline.keys()]).toEqual(['rights'])
    expect(changesIn(built)).toEqual({ UpdateAccessKey: 1, PutUserPolicy: 1, StartInvestigation: 1 })
    // The deny on the user reaches the session that the attacker obtained with the key: it is no way in.
    expect({ alarms: result.alarms, exitCode: result.exitCode }).toEqual({ alarms: [], exitCode: 0 })
    expect(result.incident.facts.revocation).toMatchObject({ key: { accessKeyId: key.accessKeyId, state: 'inactive' } })
    expect(result.incident.decided['restart-instance']?.why).toContain('credentials of an IAM user')
  })

  it('is not sent again by a run that goes on', async () => {
    const built = await buildQuick()
    stolen(built, powerful(built))
    const journal: Entry[] = []
    await run(built, { journal })
    await run(built, { journal })
    expect(changesIn(built)).toMatchObject({ UpdateAccessKey: 1, PutUserPolicy: 1 })
  })

  it.each([
    ['UpdateAccessKey', { PutUserPolicy: 1 }],
    ['PutUserPolicy', { UpdateAccessKey: 1 }],
  ])('is contained as far as AWS lets it: %s is refused, and the other change is made', async (operation, made) => {
    const built = await buildQuick()
    stolen(built, powerful(built))
    const { result } = await run(built, { fault: breaks('denied', { operation: `iam:${operation}`, times: Infinity }) })
    expect(changesIn(built)).toEqual(made)
    expect(result.exitCode).toBe(4)
  })

  it('is inactive although there is no room for the deny on the user', async () => {
    const built = await buildQuick()
    const key = stolen(built, powerful(built))
    userOf(built).inline.set('filler', { document: allowing(`s3:${'x'.repeat(2_000)}`), writtenAt: 0 })
    const { result } = await run(built)
    expect(stateOf(built, key)).toBe('Inactive')
    expect(result.exitCode).not.toBe(0)
    expect(result.failure?.why).toContain('LimitExceeded')
  })

  it('is deactivated and its user denied although the list of keys cannot be read, and nothing is claimed', async () => {
    const built = await buildQuick()
    const key = stolen(built, powerful(built))
    const { result, events } = await run(built, { fault: breaks('denied', { operation: 'iam:ListAccessKeys', times: Infinity }) })
    expect(stateOf(built, key)).toBe('Inactive')
    expect(changesIn(built)).toMatchObject({ UpdateAccessKey: 1, PutUserPolicy: 1 })
    expect(result.exitCode).not.toBe(0)
    expect(result.incident.facts.revocation).toBeUndefined()
    expect(JSON.stringify(events)).toContain(`whether ${key.accessKeyId} is active is not known: iam:ListAccessKeys is denied`)
  })

  it('is an alarm when somebody activates it before it is looked at again', async () => {
    const built = await buildQuick()
    const key = stolen(built, powerful(built))
    const reactivated: Fault = async (request, next) => {
      const answer = await next(request)
      const known = userOf(built).accessKeys.get(key.accessKeyId)
      const isDenied = userOf(built).inline.has('AWSRevokeOlderSessions')
      if ((await askedBy(request)).operation === 'detective:ListGraphs' && isDenied && known)
        userOf(built).accessKeys.set(key.accessKeyId, { ...known, status: 'Active' })
      return answer
    }
    const { result } = await run(built, { fault: reactivated })
    expect(result.exitCode).toBe(6)
    expect(result.alarms.join('\n')).toContain(`THE KEY IS ACTIVE AGAIN: ${key.accessKeyId} of user deploy`)
  })

  it('is deactivated again by a run that goes on, when somebody has activated it', async () => {
    const built = await buildQuick()
    const key = stolen(built, powerful(built))
    const journal: Entry[] = []
    await run(built, { journal })
    const known = userOf(built).accessKeys.get(key.accessKeyId)
    if (!known) throw new Error('no key')
    userOf(built).accessKeys.set(key.accessKeyId, { ...known, status: 'Active' })
    await run(built, { journal })
    expect(stateOf(built, key)).toBe('Inactive')
    expect(changesIn(built)).toMatchObject({ UpdateAccessKey: 2 })
  })
})

describe('a stolen session of a user', () => {
  it('is denied on the user, and the key that obtained it is an alarm while it is active', async () => {
    const built = await buildQuick()
    const key = powerful(built)
    const session = stolen(built, sessionOf(built, key))
    const { result } = await run(built, { responder: plainYes })
    expect(answerTo(built, session)).toBe('explicitDeny')
    expect(changesIn(built)).toEqual({ PutUserPolicy: 1, StartInvestigation: 1 })
    expect(result.exitCode).toBe(6)
    expect(result.alarms.join('\n')).toContain(
      `update-access-key --user-name deploy --access-key-id ${key.accessKeyId} --status Inactive`,
    )
  })
})

describe('a stolen session of a user, where closing is approved by name', () => {
  it('loses the key that obtained it, and what that key obtained meanwhile is denied too; nobody else is touched', async () => {
    const built = await buildQuick()
    const other = powerful(built, 'bystander')
    const key = powerful(built)
    const session = stolen(built, sessionOf(built, key))
    const { result, journal } = await run(built)
    expect(stateOf(built, key)).toBe('Inactive')
    expect([answerTo(built, session), answerTo(built, other)]).toEqual(['explicitDeny', 'allowed'])
    expect(changesIn(built)).toEqual({ PutUserPolicy: 2, UpdateAccessKey: 1, StartInvestigation: 1 })
    expect({ exitCode: result.exitCode, alarms: result.alarms }).toEqual({ exitCode: 0, alarms: [] })
    const closed = journal.find((entry) => entry.type === 'intended' && entry.effect.operation === 'iam:UpdateAccessKey')
    const { revocation } = result.incident.facts
    expect(Date.parse(revocation?.cutoff ?? '')).toBeGreaterThan(Date.parse(closed?.at ?? '') + 60_000)
    expect(revocation).toMatchObject({ moved: true, firstCutoff: expect.any(String) })
  })

  it('keeps the key of the user with which you respond: the command stands at the end instead', async () => {
    const built = await buildQuick()
    const key = powerful(built)
    stolen(built, sessionOf(built, key))
    const { result } = await run(built, { responder: plainYes })
    const { subject, revocation, finding } = result.incident.facts
    if (!subject || !revocation || !finding) throw new Error('not established')
    const { context } = await onAccount(built)
    const setting = { ...context.setting, responderArn: 'arn:aws:iam::111122223333:user/deploy' }
    const found = await parentKeyWays(incidentWith({ subject, revocation, finding }), { ...context, setting })
    expect(found).toMatchObject([{ way: { state: 'open', command: expect.stringContaining(key.accessKeyId) } }])
    expect(found[0]?.closing).toBeUndefined()
  })
})

describe('an MFA device of the stolen key’s user', () => {
  const serial = 'arn:aws:iam::111122223333:mfa/phone'
  const withDevice = async (ago: number) => {
    const built = await buildQuick()
    stolen(built, powerful(built))
    const enabledAt = built.account.clock.now() - ago * SECOND_MS
    built.account.users.set('deploy', { ...userOf(built), mfaDevices: [{ serial, enabledAt }] })
    return built
  }
  const deactivate = expect.objectContaining({
    kind: 'open',
    command: `aws iam deactivate-mfa-device --user-name deploy --serial-number ${serial}`,
  })
  const openAfter = async (built: BuiltScenario) =>
    stillToDo((await run(built)).result.incident, { alarms: [], unproven: [] }).filter(({ kind }) => kind === 'open')

  it('is named with the command where it was enabled since the theft', async () => {
    expect(await openAfter(await withDevice(60))).toEqual([deactivate])
  })

  it('is the owner’s where it is older', async () => {
    expect(await openAfter(await withDevice(90 * 86_400))).toEqual([])
  })
})

describe('a console password of the stolen key’s user', () => {
  const withPassword = async (ago: number) => {
    const built = await buildQuick()
    stolen(built, powerful(built))
    const passwordSince = built.account.clock.now() - ago * SECOND_MS
    built.account.users.set('deploy', { ...userOf(built), passwordSince })
    return built
  }

  it('is deleted where it was set since the theft and that is approved by name, and what it signed in to is denied', async () => {
    const built = await withPassword(60)
    const { result } = await run(built)
    expect(userOf(built).passwordSince).toBeUndefined()
    expect(changesIn(built)).toMatchObject({ DeleteLoginProfile: 1, PutUserPolicy: 2 })
    expect(result.exitCode).toBe(0)
  })

  it('stays where it is older than the theft, and without an approval by name', async () => {
    const [old, unapproved] = [await withPassword(90 * 86_400), await withPassword(60)]
    await run(old)
    const { result } = await run(unapproved, { responder: plainYes })
    expect(userOf(old).passwordSince).toBeDefined()
    expect(userOf(unapproved).passwordSince).toBeDefined()
    expect(stillToDo(result.incident, { alarms: [], unproven: [] })).toContainEqual(
      expect.objectContaining({ kind: 'open', command: 'aws iam delete-login-profile --user-name deploy' }),
    )
  })
})

describe('a stolen session of a user whose issue CloudTrail does not show', () => {
  it('is denied, and whoever may obtain the next one is an alarm', async () => {
    const built = await buildQuick()
    powerful(built)
    const session = stolen(
      built,
      issueUserSession(built.account, userOf(built), 12 * HOUR_SECONDS, built.account.clock.now() - 2_400 * SECOND_MS),
    )
    const { result } = await run(built)
    expect(answerTo(built, session)).toBe('explicitDeny')
    expect(result.exitCode).toBe(6)
    for (const command of ['aws iam list-access-keys', 'aws iam delete-login-profile'])
      expect(result.alarms.join('\n')).toContain(`${command} --user-name deploy`)
  })
})

describe('the responder’s own user', () => {
  it('is refused before any change, whatever key of the user responds', async () => {
    const built = await buildQuick()
    stolen(built, powerful(built))
    const { result } = await run(built, { dryRun: true })
    const guard = guards.find(({ name }) => name === 'own-role')
    const asked = (responderUserId: string) =>
      guard?.refuse({
        ...{ incident: result.incident, readiness: { lockHeld: true }, now: '2026-11-25T02:00:00Z' as Instant },
        setting: { ...LIVE, responderUserId },
      })
    expect(asked(userOf(built).id)?.why).toContain('you are signed in as user deploy itself')
    expect(asked('AIDASOMEBODYELSE00000')).toBeUndefined()
  })
})
