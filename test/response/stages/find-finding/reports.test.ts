import { describe, expect, it } from 'vitest'
import type { Request } from '../../../../src/incident/entry.ts'
import type { FoundFinding } from '../../../../src/incident/facts/facts.ts'
import { rawText } from '../../../../src/incident/values/untrusted.ts'
import type { ChoiceQuestion } from '../../../../src/response/ports.ts'
import { findFinding } from '../../../../src/response/stages/find-finding.ts'
import { issueSession, issueUserKey } from '../../../../src/simulator/issue-credentials.ts'
import { recordEvent, recordIssue } from '../../../../src/simulator/records/record.ts'
import type { BuiltScenario } from '../../../../src/simulator/scenario-kit/scenario.ts'
import { breaks } from '../../../faults/kinds.ts'
import { build, SUBJECT_INSTANCE } from '../../../support/scenario.ts'
import { assessed, factOf } from '../../../support/stage-context.ts'
import { onAccount } from '../../../support/stage-on-account.ts'

const ROLE = 'web-app'
const SESSION = `arn:aws:sts::111122223333:assumed-role/${ROLE}/${SUBJECT_INSTANCE}`

/** The scenario without a finding of GuardDuty’s. */
const unnoticed = async (): Promise<BuiltScenario> => {
  const built = await build('custom-threat-list')
  built.account.findings.clear()
  return built
}

type Lent = Parameters<typeof onAccount>[1]

const look = async (built: BuiltScenario, request: Request, lent: Lent = {}) => {
  const questions: ChoiceQuestion[] = []
  const choose = async (question: ChoiceQuestion) => {
    questions.push(question)
    return undefined
  }
  const { context } = await onAccount(built, { request, choose, ...lent })
  return { assessment: await assessed(findFinding, {}, context), questions }
}

const found = async (built: BuiltScenario, request: Request, lent: Lent = {}): Promise<FoundFinding> =>
  factOf((await look(built, request, lent)).assessment)

const stopOf = async (built: BuiltScenario, request: Request, lent: Lent = {}) => {
  const { assessment } = await look(built, request, lent)
  if (assessment.status !== 'blocked') throw new Error(`it is ${assessment.status}`)
  return assessment
}

const roleNamed = ({ account }: BuiltScenario, name: string) => {
  const role = account.roles.get(name)
  if (!role) throw new Error(`there is no role ${name}`)
  return role
}

/** Another principal takes a session of the role, ten minutes ago, and CloudTrail shows it. */
const alsoIssued = (built: BuiltScenario, roleName: string, sessionName: string, ago = 600): string => {
  const at = built.account.clock.now() - ago * 1000
  const session = issueSession(built.account, roleNamed(built, roleName), sessionName, 3600, at)
  recordIssue(built.account, session, 'lambda.amazonaws.com')
  return session.accessKeyId
}

/** A role of which nobody has a session. */
const ofAnotherName = ({ account }: BuiltScenario): string => {
  const role = roleNamed({ account } as BuiltScenario, ROLE)
  account.roles.set('batch', { ...role, name: 'batch', id: 'AROAXCSEC6TNBATCH0001', inline: new Map() })
  return 'batch'
}

describe('what is reported without a finding', () => {
  it('is an instance: the newest key that EC2 issued to it stands for it', async () => {
    const built = await unnoticed()
    const fact = await found(built, { by: 'instance-id', instanceId: SUBJECT_INSTANCE })
    expect(fact).toMatchObject({
      source: 'reported',
      report: { by: 'instance-id', name: SUBJECT_INSTANCE },
      finding: { userName: ROLE, userType: 'AssumedRole', instanceId: SUBJECT_INSTANCE },
    })
    expect(fact.finding.principalId).toBe(`${roleNamed(built, ROLE).id}:${SUBJECT_INSTANCE}`)
    expect(built.account.credentials.find(fact.finding.accessKeyId ?? '')?.instanceId).toBe(SUBJECT_INSTANCE)
    expect(fact.unsettled).toBeUndefined()
  })

  it('is an instance that does not exist any more: what EC2 issued to it is still in CloudTrail', async () => {
    const built = await unnoticed()
    built.account.instances.delete(SUBJECT_INSTANCE)
    const fact = await found(built, { by: 'instance-id', instanceId: SUBJECT_INSTANCE })
    expect(fact.finding).toMatchObject({ userName: ROLE, instanceId: SUBJECT_INSTANCE })
  })

  it('is not an instance because somebody named a session after it', async () => {
    const built = await unnoticed()
    const other = 'i-0123456789abcdef0'
    alsoIssued(built, ROLE, other)
    const stop = await stopOf(built, { by: 'instance-id', instanceId: other })
    expect(stop.why).toContain(`CloudTrail shows no credentials that EC2 issued to ${other}`)
    expect(stop.remedy).toContain('--role')
  })

  it('is a session by its ARN', async () => {
    const built = await unnoticed()
    const fact = await found(built, { by: 'session', arn: SESSION, roleName: ROLE, sessionName: SUBJECT_INSTANCE })
    expect(fact.finding).toMatchObject({ userName: ROLE, principalId: `${roleNamed(built, ROLE).id}:${SUBJECT_INSTANCE}` })
    expect(fact.report).toMatchObject({ by: 'session', name: SESSION })
  })

  it('is a session of one role, and not one of the same name of another role', async () => {
    const built = await unnoticed()
    const key = alsoIssued(built, ofAnotherName(built), SUBJECT_INSTANCE)
    const fact = await found(built, { by: 'session', arn: SESSION, roleName: ROLE, sessionName: SUBJECT_INSTANCE })
    expect(fact.finding.userName).toBe(ROLE)
    expect(fact.report?.credentials?.map(({ accessKeyId }) => accessKeyId) ?? []).not.toContain(key)
  })

  it('is a role with one session, whose newest key stands for it, without a question', async () => {
    const built = await unnoticed()
    const name = ofAnotherName(built)
    const key = alsoIssued(built, name, 'nightly-job')
    const { assessment, questions } = await look(built, { by: 'role', roleName: name })
    expect(questions).toEqual([])
    expect(factOf(assessment)).toMatchObject({ finding: { accessKeyId: key, userName: name }, source: 'reported' })
    expect(factOf(assessment).unsettled).toBeUndefined()
  })

  it('is a role with several sessions: without an answer the newest stands for all, and that is said', async () => {
    const built = await unnoticed()
    const key = alsoIssued(built, ROLE, 'nightly-job')
    const { assessment, questions } = await look(built, { by: 'role', roleName: ROLE })
    const fact = factOf(assessment)
    const [{ what, options } = { what: '', options: [] }] = questions
    expect(what).toBe('Which of these credentials were stolen?')
    expect(options[0]?.id).toBe('all')
    expect(options.map(({ id }) => id)).toContain(key)
    expect(fact.finding.accessKeyId).toBe(options[1]?.id)
    expect(fact.unsettled).toMatch(
      /sessions of role web-app were issued or used in the last 12 hours.*the deny reaches all of them/,
    )
    expect(fact.report?.credentials?.length).toBeGreaterThan(1)
  })

  it('is the session of a role that the responder chooses', async () => {
    const built = await unnoticed()
    const key = alsoIssued(built, ROLE, 'nightly-job')
    const fact = await found(built, { by: 'role', roleName: ROLE }, { choose: async () => key })
    expect(fact.finding.accessKeyId).toBe(key)
    expect(fact.unsettled).toBeUndefined()
  })

  it('is a role whose sessions have ended, and the newest of them', async () => {
    const built = await unnoticed()
    const name = ofAnotherName(built)
    alsoIssued(built, name, 'older', 3 * 86_400)
    const key = alsoIssued(built, name, 'old', 2 * 86_400)
    expect((await found(built, { by: 'role', roleName: name })).finding.accessKeyId).toBe(key)
  })

  it('is nothing where the role does not exist, and the stop says so', async () => {
    expect((await stopOf(await unnoticed(), { by: 'role', roleName: 'nobody' })).why).toContain(
      'role nobody does not exist in this account',
    )
  })

  it('has the deny by hand beside it where CloudTrail cannot be read', async () => {
    const fault = breaks('denied', { operation: 'cloudtrail:LookupEvents', times: 1000 })
    const stop = await stopOf(await unnoticed(), { by: 'role', roleName: ROLE }, { fault })
    expect(stop.why).toMatch(/CloudTrail in us-east-1 is not known: it is denied/)
    expect(stop.remedy).toContain(`put-role-policy --role-name ${ROLE}`)
  })

  it('is looked up where GuardDuty may not be asked', async () => {
    const fault = breaks('denied', { operation: 'guardduty:ListDetectors', times: 1000 })
    const fact = await found(await unnoticed(), { by: 'instance-id', instanceId: SUBJECT_INSTANCE }, { fault })
    expect(fact.source).toBe('reported')
  })

  it('gives way to a finding that GuardDuty has', async () => {
    const built = await build('custom-threat-list')
    const lent = { choose: async () => built.findingId }
    const fact = await found(built, { by: 'session', arn: SESSION, roleName: ROLE, sessionName: SUBJECT_INSTANCE }, lent)
    expect(fact).toMatchObject({ source: 'guardduty', finding: { id: built.findingId } })
  })

  it('is of this account alone: an ARN of another one is refused with the place to go', async () => {
    const arn = SESSION.replace('111122223333', '444455556666')
    const stop = await stopOf(await unnoticed(), { by: 'session', arn, roleName: ROLE, sessionName: SUBJECT_INSTANCE })
    expect(stop.why).toContain('is in account 444455556666')
    expect(stop.remedy).toContain('--assume-role')
  })
})

describe('a user that is reported', () => {
  const bob = async () => {
    const built = await unnoticed()
    const user = [...built.account.users.values()].find(({ accessKeys }) => accessKeys.size > 0)
    if (!user) throw new Error('there is no user with a key')
    const [key = ''] = user.accessKeys.keys()
    return { built, user, key }
  }

  it('is found by IAM, with its key', async () => {
    const { built, user, key } = await bob()
    const fact = await found(built, { by: 'user', userName: user.name })
    expect(fact.finding).toMatchObject({ userType: 'IAMUser', userName: user.name, principalId: user.id, accessKeyId: key })
  })

  it('is asked about where it has several keys; without an answer that is said', async () => {
    const { built, user } = await bob()
    issueUserKey(built.account, user)
    const { assessment, questions } = await look(built, { by: 'user', userName: user.name })
    expect(questions).toHaveLength(1)
    expect(factOf(assessment).unsettled).toContain(`user ${user.name} has 2 keys`)
  })

  it('does not take a role of the same name for itself', async () => {
    expect((await stopOf(await unnoticed(), { by: 'user', userName: ROLE })).why).toContain(
      `user ${ROLE} does not exist in this account`,
    )
  })
})

describe('a key that is reported', () => {
  it('is the key of a user that never called: IAM names the user', async () => {
    const built = await unnoticed()
    const [user] = [...built.account.users.values()]
    if (!user) throw new Error('there is no user')
    const { accessKeyId } = issueUserKey(built.account, user)
    const fact = await found(built, { by: 'access-key-id', accessKeyId })
    expect(fact).toMatchObject({ source: 'reported', finding: { userType: 'IAMUser', userName: user.name, accessKeyId } })
  })

  it('of another account is named with its account, and nothing is looked for further', async () => {
    const built = await unnoticed()
    const accessKeyId = 'ASIA44445555666600AB'
    const principal = { type: 'role-session' as const, roleName: 'partner', roleId: 'AROAPARTNER000000001', sessionName: 'x' }
    built.account.credentials.register({
      ...{ accessKeyId, secretAccessKey: 'x', principal, accountId: '444455556666', issuedAt: built.account.clock.now() },
    })
    const stop = await stopOf(built, { by: 'access-key-id', accessKeyId })
    expect(stop.kind ?? 'blocked').toBe('blocked')
    expect(stop.why).toBe(
      `access key ${accessKeyId} belongs to account 444455556666 (sts:GetAccessKeyInfo), and your credentials are for account 111122223333: ir-cred changes nothing here`,
    )
    expect(stop.remedy).toContain('respond in account 444455556666: --profile')
  })

  it('of another account is named by the records of its calls here', async () => {
    const built = await unnoticed()
    const accessKeyId = 'ASIA44445555666600AB'
    const principal = { type: 'role-session' as const, roleName: 'partner', roleId: 'AROAPARTNER000000001', sessionName: 'xx' }
    const credential = built.account.credentials.register({
      ...{ accessKeyId, secretAccessKey: 'x', principal, accountId: '444455556666', issuedAt: built.account.clock.now() },
    })
    recordEvent(built.account, {
      ...{ eventSource: 's3.amazonaws.com', eventName: 'ListBuckets', readOnly: true, credential },
      ...{ sourceIp: '198.51.100.7', userAgent: 'x', at: built.account.clock.now() - 1_200_000 },
    })
    const stop = await stopOf(built, { by: 'access-key-id', accessKeyId })
    expect(stop.why).toContain('belongs to account 444455556666')
  })
})

describe('the reason of a report', () => {
  it('is kept from the command line, and nobody is asked for it', async () => {
    const request: Request = { by: 'instance-id', instanceId: SUBJECT_INSTANCE, reason: 'EDR alert 4711' }
    const fact = await found(await unnoticed(), request, { ask: async () => 'another one' })
    expect(fact.report?.reason && rawText(fact.report.reason)).toBe('EDR alert 4711')
  })

  it('is asked for where none was given', async () => {
    const asked: string[] = []
    const ask = async (question: string) => {
      asked.push(question)
      return ' the owner called '
    }
    const fact = await found(await unnoticed(), { by: 'instance-id', instanceId: SUBJECT_INSTANCE }, { ask })
    expect(asked).toEqual([expect.stringMatching(/^Why do you report it\?/)])
    expect(fact.report?.reason && rawText(fact.report.reason)).toBe('the owner called')
  })

  it('is not asked for where GuardDuty has a finding', async () => {
    const built = await build('custom-threat-list')
    const asked: string[] = []
    const lent = { choose: async () => built.findingId, ask: async (question: string) => void asked.push(question) as undefined }
    await found(built, { by: 'instance-id', instanceId: SUBJECT_INSTANCE }, lent)
    expect(asked).toEqual([])
  })
})
