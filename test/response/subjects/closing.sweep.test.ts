import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../src/incident/entry.ts'
import type { StillToDo } from '../../../src/incident/left-to-do.ts'
import { stillToDo } from '../../../src/incident/still-to-do.ts'
import { summary } from '../../../src/incident/summary.ts'
import { rawLine } from '../../../src/incident/values/show.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import { openAccount } from '../../../src/simulator/serve-account.ts'
import { createDispatcher } from '../../../src/simulator/wire/dispatch.ts'
import { inProcessHandler } from '../../../src/simulator/wire/in-process.ts'
import { flagResponder } from '../../../src/terminal/flag-responder.ts'
import { breaks } from '../../faults/kinds.ts'
import { buildQuick, changesIn } from '../../laws/whole-run.ts'
import { type MemoryRan, type MemoryRun, plainYes, runInMemory } from '../../support/run-in-memory.ts'
import { passes, subjectInstanceOf } from '../../support/scenario.ts'
import { answerTo, takenByWebIdentity } from '../../support/subjects.ts'
import { saidBy } from '../../traps/said.ts'

const run = (built: BuiltScenario, parts: Partial<MemoryRun> = {}) => runInMemory({ built, proofWait: 0, ...parts })

/** What an STS client of anybody gets for the stolen token. */
const assumeAgain = (built: BuiltScenario) => {
  const { account, stolenToken } = built
  const { answer } = openAccount(built)
  const requestHandler = inProcessHandler(createDispatcher({ answer, now: account.clock.now }))
  const { roleArn: RoleArn, token: WebIdentityToken } = stolenToken ?? { roleArn: '', token: '' }
  return new STSClient({ region: 'us-east-1', requestHandler, maxAttempts: 1 }).send(
    new AssumeRoleWithWebIdentityCommand({ RoleArn, WebIdentityToken, RoleSessionName: 'again' }),
  )
}

const trustOf = ({ account }: BuiltScenario, role: string): string => account.roles.get(role)?.trustPolicy ?? ''

const openIn = ({ result }: MemoryRan): readonly StillToDo[] =>
  stillToDo(result.incident, { alarms: [], unproven: [] }).filter(({ kind }) => kind === 'open')

/** Calls of the attacker that were let in within this many seconds. */
const letIn = (built: BuiltScenario, seconds: number) =>
  passes(built, seconds).filter(
    ({ who, outcome, action }) => who === 'attacker' && outcome === 'ok' && action !== 'sts:GetCallerIdentity',
  )

const writeOf = (journal: readonly Entry[], operation: string) =>
  journal.flatMap((entry) => (entry.type === 'intended' && entry.effect.operation === operation ? [entry] : []))

describe('a stolen web identity token, where closing is approved by name', () => {
  it('takes no session after the run, and what it took before is denied', async () => {
    const built = await buildQuick('web-identity')
    const { result, journal } = await run(built)
    await expect(assumeAgain(built)).rejects.toMatchObject({ name: 'AccessDenied' })
    expect(letIn(built, 1800)).toEqual([])
    expect({ exitCode: result.exitCode, alarms: result.alarms }).toEqual({ exitCode: 0, alarms: [] })
    expect(writeOf(journal, 'iam:PutRolePolicy').map(({ stage }) => stage)).toEqual(['revoke-sessions', 'close-access'])
  })

  it('is refused by one statement more: what the owner wrote stays, and the earlier document is kept before the change', async () => {
    const built = await buildQuick('web-identity')
    const before = trustOf(built, 'payments')
    const { journal } = await run(built)
    const after = JSON.parse(trustOf(built, 'payments')) as { Statement: readonly object[] }
    expect(after.Statement.slice(0, -1)).toEqual((JSON.parse(before) as { Statement: object[] }).Statement)
    expect(after.Statement.at(-1)).toMatchObject({ Effect: 'Deny', Action: 'sts:AssumeRoleWithWebIdentity' })
    const [trust] = writeOf(journal, 'iam:UpdateAssumeRolePolicy')
    const kept = journal.findIndex((entry) => entry.type === 'kept' && entry.ref.file === trust?.planned?.priorDocument?.file)
    expect(kept).toBeGreaterThan(-1)
    expect(kept).toBeLessThan(trust ? journal.indexOf(trust) : -1)
  })

  it('is named at the end as closed and as refused, beside the first deny and the one that was moved past it', async () => {
    const built = await buildQuick('web-identity')
    const { result } = await run(built)
    const rows = summary(result.incident).map(({ label, line }) => `${label}: ${rawLine(line)}`)
    const { openedAt = '', facts } = result.incident
    const first = result.incident.sightings.find(({ stands }) => stands)?.at ?? ''
    expect(Date.parse(facts.revocation?.readBackAt ?? '') - Date.parse(first)).toBeGreaterThan(60_000)
    const after = (Date.parse(first) - Date.parse(openedAt)) / 1_000
    expect(after).toBeLessThan(60)
    expect(rows[0]).toMatch(/^revoked: stored, read back .*; moved past what was closed, read back .*; sessions issued before/)
    expect(rows[1]).toMatch(/^closed: subject .*shop:payments.* is refused by the trust policy/)
    const left = stillToDo(result.incident, { alarms: [], unproven: [] }).map(({ sentence }) => rawLine(sentence))
    expect(left.join('\n')).toMatch(
      /is still cut off, and the trust policy refuses subject .*: to sign in again is no remedy, it needs another identity/,
    )
  })

  it('is denied once more with a cut-off later than the trust policy’s change and a minute of spreading', async () => {
    const built = await buildQuick('web-identity')
    const { result, journal } = await run(built)
    const [trust] = writeOf(journal, 'iam:UpdateAssumeRolePolicy')
    const { revocation } = result.incident.facts
    expect(Date.parse(revocation?.cutoff ?? '') - Date.parse(trust?.at ?? '')).toBeGreaterThan(60_000)
    expect(revocation).toMatchObject({ moved: true, writtenBy: 'ours' })
  })

  it('is denied although the trust policy cannot be changed: the run goes on, and the command stands at the end', async () => {
    const built = await buildQuick('web-identity')
    const fault = breaks('denied', { operation: 'iam:UpdateAssumeRolePolicy', times: Infinity })
    const ran = await run(built, { fault })
    expect(changesIn(built)).toEqual({ PutRolePolicy: 1, StartInvestigation: 1 })
    expect(ran.result).toMatchObject({ ending: 'completed', exitCode: 6 })
    expect(openIn(ran)).toMatchObject([
      { command: expect.stringContaining('iam update-assume-role-policy --role-name payments') },
    ])
  })

  it('is denied although the trust policy cannot be read, and whether it is let in is not known', async () => {
    const built = await buildQuick('web-identity')
    const ran = await run(built, { fault: breaks('denied', { operation: 'iam:GetRole', times: Infinity }) })
    expect(answerTo(built, built.cast.attacker)).toBe('explicitDeny')
    expect(ran.result.exitCode).toBe(6)
    expect(openIn(ran)).toMatchObject([{ sentence: expect.stringMatching(/^Perhaps not closed/) }])
  })
})

describe('the public URL of a function', () => {
  const urlOf = ({ account }: BuiltScenario) => account.functions.get('make-thumbnails')?.url?.authType

  it('asks its callers for a signature where that is approved by name, and what was issued until then is denied', async () => {
    const built = await buildQuick('function-role')
    const { result, journal } = await run(built)
    expect([urlOf(built), result.exitCode]).toEqual(['AWS_IAM', 0])
    expect(result.incident.facts.access?.ways).toMatchObject([
      { kind: 'function-url', state: 'closed', says: 'can be called with a signature only, as it was read back' },
      { kind: 'later-cutoff', state: 'closed' },
    ])
    const [closing] = writeOf(journal, 'lambda:UpdateFunctionUrlConfig')
    const [renewing] = writeOf(journal, 'lambda:UpdateFunctionConfiguration')
    expect(Date.parse(closing?.at ?? '')).toBeLessThan(Date.parse(renewing?.at ?? ''))
    expect(closing?.effect).toMatchObject({
      cost: expect.stringContaining('browsers and webhooks too'),
      undoCommand: expect.stringContaining('--auth-type NONE'),
    })
  })

  it('stays as it is where nobody approved it by name: it is named as open with the command, and is no alarm', async () => {
    const built = await buildQuick('function-role')
    const ran = await run(built, { responder: plainYes })
    expect(urlOf(built)).toBe('NONE')
    expect(openIn(ran)).toMatchObject([
      {
        sentence: expect.stringMatching(/the URL of function make-thumbnails can be called by anybody/),
        command: expect.stringContaining('lambda update-function-url-config --function-name make-thumbnails --auth-type AWS_IAM'),
      },
    ])
    expect(ran.result).toMatchObject({ exitCode: 0, alarms: [] })
  })

  it.each([
    ['is not there', (): undefined => undefined],
    ['asks for a signature', () => ({ authType: 'AWS_IAM' as const, createdAt: 0 })],
  ])('is nothing to close where it %s', async (_, url) => {
    const built = await buildQuick('function-role')
    const made = built.account.functions.get('make-thumbnails')
    if (!made) throw new Error('no function')
    const changed = url()
    if (changed) made.url = changed
    else delete made.url
    expect(openIn(await run(built))).toEqual([])
  })

  it('stays open where AWS refuses the change, and the run goes on', async () => {
    const built = await buildQuick('function-role')
    const ran = await run(built, { fault: breaks('denied', { operation: 'lambda:UpdateFunctionUrlConfig' }) })
    expect(openIn(ran)).toMatchObject([
      { sentence: expect.stringMatching(/AWS refused lambda:UpdateFunctionUrlConfig \(AccessDenied/) },
    ])
    expect([urlOf(built), ran.result.exitCode]).toEqual(['NONE', 0])
  })

  it('is not known where it cannot be read, and the run goes on', async () => {
    const fault = breaks('denied', { operation: 'lambda:GetFunctionUrlConfig', times: Number.POSITIVE_INFINITY })
    const ran = await run(await buildQuick('function-role'), { fault })
    expect(openIn(ran)).toMatchObject([
      { sentence: expect.stringMatching(/whether anybody can call function make-thumbnails is not known/) },
    ])
    expect(ran.result.exitCode).toBe(0)
  })
})

describe('a session of the role that is issued after the cut-off', () => {
  it('is named at the end with who obtained it, and what it does not show', async () => {
    const built = await buildQuick('web-identity')
    const later = built.account.clock.now() + 600_000
    built.account.agenda.add(later, () => {
      takenByWebIdentity(built, 'token.actions.githubusercontent.com', 'system:serviceaccount:shop:payments-v2', {
        ...{ roleName: 'payments', sessionName: 'payments-v2', issuedAt: later },
      })
    })
    const ran = await run(built, { proofWait: 3600 })
    const { sessionsSince } = ran.result.incident.facts.closure ?? {}
    expect(sessionsSince?.count).toBe(1)
    expect(sessionsSince?.newest[0]).toMatchObject({
      operation: 'AssumeRoleWithWebIdentity',
      by: { untrusted: 'system:serviceaccount:shop:payments-v2' },
    })
    expect(ran.result.unproven.join('\n')).toMatch(
      /whether what uses role payments has new credentials: CloudTrail shows 1 session issued since the cut-off, .*payments-v2.*neither whose it is nor who has none yet/,
    )
    expect(saidBy(ran, 'close-incident')).toMatch(
      /Look whether they are yours:\n.*ASIA\w+ by AssumeRoleWithWebIdentity of .*payments-v2/,
    )
  })
})

describe('closing that nobody approved by name', () => {
  it.each([
    ['--yes', plainYes],
    ['approvals of other stages', flagResponder({ yes: false, approve: ['revoke-sessions', 'investigate-session'], skip: [] })],
  ])('is left out, the run goes on, and the living way in stays an alarm: %s', async (_, responder) => {
    const built = await buildQuick('web-identity')
    const before = trustOf(built, 'payments')
    const ran = await run(built, { responder })
    expect(trustOf(built, 'payments')).toBe(before)
    expect(changesIn(built)).toEqual({ PutRolePolicy: 1, StartInvestigation: 1 })
    expect(ran.result).toMatchObject({ ending: 'completed', exitCode: 6 })
    expect(ran.result.alarms.join('\n')).toContain('it can obtain new sessions of role payments')
    expect(openIn(ran)).toHaveLength(1)
    await expect(assumeAgain(built)).resolves.toHaveProperty('Credentials')
  })

  it('is seen by a later look when it was done by hand, and what was issued until then is denied on approval', async () => {
    const built = await buildQuick('web-identity')
    const journal: Entry[] = []
    await run(built, { responder: plainYes, journal })
    const role = built.account.roles.get('payments')
    if (!role) throw new Error('no role')
    const trustPolicy = role.trustPolicy.replace('shop:payments', 'shop:payments-2')
    built.account.roles.set('payments', { ...role, trustPolicy })
    const again = await run(built, { journal })
    expect(again.result.incident.facts.access?.ways).toMatchObject([
      { kind: 'trust', state: 'closed' },
      { kind: 'later-cutoff', state: 'closed' },
    ])
    expect(changesIn(built)).toEqual({ PutRolePolicy: 2, StartInvestigation: 1 })
    expect(again.result).toMatchObject({ exitCode: 0, alarms: [] })
  })
})

describe('a principal of another account, where closing is approved by name', () => {
  it('gets no session any more by the role’s trust policy; the owner of the account is still to be told', async () => {
    const built = await buildQuick('other-account')
    const ran = await run(built)
    expect(built.newCredentials()).toBeUndefined()
    expect(letIn(built, 1800)).toEqual([])
    expect(ran.result).toMatchObject({ exitCode: 0, alarms: [] })
    expect(ran.result.incident.facts.access?.ways[0]?.says).toContain('tell the owner of account 444455556666')
  })
})

describe('the metadata service of the instance', () => {
  it('answers IMDSv2 only before the start, where that is approved by name', async () => {
    const built = await buildQuick()
    const { result, journal } = await run(built)
    expect(subjectInstanceOf(built)).toMatchObject({ httpTokens: 'required', hopLimit: 1 })
    const [options] = writeOf(journal, 'ec2:ModifyInstanceMetadataOptions')
    const [start] = writeOf(journal, 'ec2:StartInstances')
    expect(Date.parse(options?.at ?? '')).toBeLessThan(Date.parse(start?.at ?? ''))
    expect(result.exitCode).toBe(0)
  })

  it('stays as it is by --yes alone, which is no living way in, and the command stands at the end', async () => {
    const built = await buildQuick()
    const ran = await run(built, { responder: plainYes })
    expect(subjectInstanceOf(built)).toMatchObject({ httpTokens: 'optional' })
    expect(ran.result.exitCode).toBe(0)
    expect(openIn(ran)).toMatchObject([
      { command: expect.stringMatching(/modify-instance-metadata-options.*--http-tokens required/) },
    ])
  })

  it('is not asked about where it is closed already', async () => {
    const built = await buildQuick()
    Object.assign(subjectInstanceOf(built), { httpTokens: 'required', hopLimit: 1 })
    const { result } = await run(built)
    expect(result.incident.decided['close-access']).toMatchObject({ how: 'notApplicable' })
  })

  it('names the containers that a lower hop limit cuts off', async () => {
    const built = await buildQuick()
    Object.assign(subjectInstanceOf(built), { httpTokens: 'required', hopLimit: 2 })
    const { journal } = await run(built)
    expect(writeOf(journal, 'ec2:ModifyInstanceMetadataOptions')[0]?.effect.cost).toMatch(/^containers .* container host/)
  })
})
