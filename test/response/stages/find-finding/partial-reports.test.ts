import { describe, expect, it } from 'vitest'
import type { Request } from '../../../../src/incident/entry.ts'
import type { FoundFinding } from '../../../../src/incident/facts/facts.ts'
import { emptyIncident } from '../../../../src/incident/incident.ts'
import { readRecord } from '../../../../src/investigation/read-record.ts'
import { unconfirmed } from '../../../../src/response/ending.ts'
import type { ChoiceQuestion } from '../../../../src/response/ports.ts'
import { ageOf, byKey, evidenceIn, inPlaceOfFinding } from '../../../../src/response/stages/find-finding/credential-evidence.ts'
import { findFinding } from '../../../../src/response/stages/find-finding.ts'
import { issueSession, issueUserKey } from '../../../../src/simulator/issue-credentials.ts'
import { recordEvent, recordIssue } from '../../../../src/simulator/records/record.ts'
import type { BuiltScenario } from '../../../../src/simulator/scenario-kit/scenario.ts'
import type { Fault } from '../../../../src/simulator/wire/message.ts'
import { answered, breaks } from '../../../faults/kinds.ts'
import { askedBy } from '../../../faults/operation.ts'
import { runInMemory, yes } from '../../../support/run-in-memory.ts'
import { build, SUBJECT_INSTANCE } from '../../../support/scenario.ts'
import { assessed, factOf } from '../../../support/stage-context.ts'
import { onAccount } from '../../../support/stage-on-account.ts'

const HOUR = 3_600_000
const MINUTE = 60_000

/** The scenario without a finding of GuardDuty’s. */
const unnoticed = async (): Promise<BuiltScenario> => {
  const built = await build('custom-threat-list')
  built.account.findings.clear()
  return built
}

const look = async (built: BuiltScenario, request: Request, fault?: Fault) => {
  const questions: ChoiceQuestion[] = []
  const choose = async (question: ChoiceQuestion) => {
    questions.push(question)
    return undefined
  }
  const { context } = await onAccount(built, { request, choose, ...(fault ? { fault } : {}) })
  const fact: FoundFinding = factOf(await assessed(findFinding, {}, context))
  return { fact, questions }
}

/** A session of a role that EC2 issued to the instance some minutes ago. */
const issuedToInstance = (built: BuiltScenario, roleName: string, minutes: number): string => {
  const { account } = built
  const role = account.roles.get(roleName)
  if (!role) throw new Error(`there is no role ${roleName}`)
  const session = issueSession(account, role, SUBJECT_INSTANCE, 21_600, account.clock.now() - minutes * MINUTE)
  recordIssue(account, session, 'ec2.amazonaws.com')
  return session.accessKeyId
}

const withRole = ({ account }: BuiltScenario, name: string): string => {
  const role = account.roles.get('web-app')
  if (!role) throw new Error('there is no role web-app')
  account.roles.set(name, { ...role, name, id: 'AROAXCSEC6TNBATCH0001', inline: new Map() })
  return name
}

/** LookupEvents is denied in one Region. */
const deniedIn =
  (region: string): Fault =>
  async (request, next) =>
    request.headers.authorization?.includes(`/${region}/cloudtrail/`)
      ? answered('cloudtrail', 'AccessDeniedException', 400)
      : next(request)

/** A call with a key, some hours ago. */
const calledWith = ({ account }: BuiltScenario, accessKeyId: string, hours: number): void => {
  const credential = account.credentials.find(accessKeyId)
  if (!credential) throw new Error('the key is not known')
  recordEvent(account, {
    ...{ eventSource: 's3.amazonaws.com', eventName: 'ListBuckets', readOnly: true, credential },
    ...{ sourceIp: '198.51.100.7', userAgent: 'x', at: account.clock.now() - hours * HOUR },
  })
}

const reported = (built: BuiltScenario, userName: string) => look(built, { by: 'user', userName })

describe('credentials of two roles that were issued to a reported instance', () => {
  const twoRoles = async () => {
    const built = await unnoticed()
    issuedToInstance(built, withRole(built, 'batch'), 20)
    return look(built, { by: 'instance-id', instanceId: SUBJECT_INSTANCE })
  }

  it('leave open which were stolen, and the other role is named with its command', async () => {
    const { fact, questions } = await twoRoles()
    expect(questions).toHaveLength(1)
    expect(fact.unsettled).toContain(`were issued to ${SUBJECT_INSTANCE}`)
    expect(fact.unsettled).toContain('the deny is for role batch alone')
    expect(fact.unsettled).toContain('`ir-cred respond --role web-app`')
    expect(fact.unsettled).not.toContain('reaches all')
  })

  it('are an alarm at the end: the deny is on one of the roles', async () => {
    const { fact } = await twoRoles()
    expect(unconfirmed({ ...emptyIncident, facts: { finding: fact } }, [])).toContain(fact.unsettled)
  })
})

describe('what was not read of a report', () => {
  it('leaves open whether the one session of a role is the stolen one, and is said', async () => {
    const built = await unnoticed()
    const roleName = withRole(built, 'batch')
    issuedToInstance(built, roleName, 20)
    const { fact } = await look(built, { by: 'role', roleName }, deniedIn('us-west-2'))
    expect(fact.unsettled).toMatch(
      /one session of role batch is known, and it may be another.*CloudTrail in us-west-2 is not known/,
    )
    expect(fact.finding.remarks.join()).toContain('CloudTrail in us-west-2 is not known')
  })

  it('is said of an instance, whose newest key stands for it all the same', async () => {
    const { fact } = await look(await unnoticed(), { by: 'instance-id', instanceId: SUBJECT_INSTANCE }, deniedIn('us-west-2'))
    expect(fact.unsettled).toBeUndefined()
    expect(fact.finding.remarks.join()).toContain('CloudTrail in us-west-2 is not known')
  })

  it('is that a page holds only the newest sessions of a busy role', async () => {
    const { fact } = await look(await unnoticed(), { by: 'role', roleName: 'web-app' })
    expect(fact.unsettled).toMatch(
      /only the newest \d+ events of CloudTrail in us-east-1 were read, which do not go back 12 hours/,
    )
  })

  it('is the list of a user’s keys, where IAM does not give it', async () => {
    const built = await unnoticed()
    const [user] = [...built.account.users.values()].filter(({ accessKeys }) => accessKeys.size > 0)
    const fault = breaks('denied', { operation: 'iam:ListAccessKeys', times: 1 })
    const { fact } = await look(built, { by: 'user', userName: user?.name ?? '' }, fault)
    expect(fact.unsettled).toMatch(/not all keys of user .* may be known.*iam:ListAccessKeys is denied/)
  })
})

describe('the keys of a reported user', () => {
  it('are all asked about, one that was used days ago too, and the label of one without a record claims no more', async () => {
    const built = await unnoticed()
    const { account } = built
    const [user] = [...account.users.values()].filter(({ accessKeys }) => accessKeys.size === 1)
    if (!user) throw new Error('there is no user with a key')
    const [old = ''] = user.accessKeys.keys()
    const { accessKeyId: fresh } = issueUserKey(account, user)
    calledWith(built, old, 60)
    const { questions } = await reported(built, user.name)
    const labels = questions[0]?.options.map(({ id, label }) => [id, JSON.stringify(label)]) ?? []
    expect(labels.map(([id]) => id)).toEqual(expect.arrayContaining([old, fresh]))
    expect(labels.find(([id]) => id === old)?.[1]).not.toContain('no use recorded')
    expect(labels.find(([id]) => id === fresh)?.[1]).toContain('no use recorded')
    expect(JSON.stringify(labels)).not.toContain('never')
  })

  it('keep the calls that CloudTrail has where IAM names the user first', async () => {
    const built = await unnoticed()
    const { account } = built
    const [user] = [...account.users.values()].filter(({ accessKeys }) => accessKeys.size > 0)
    const [accessKeyId = ''] = user?.accessKeys.keys() ?? []
    calledWith(built, accessKeyId, 2)
    const slow: Fault = async (request, next) => {
      const { operation } = await askedBy(request)
      if (operation === 'cloudtrail:LookupEvents' || operation === 'guardduty:ListFindings')
        await new Promise((resolve) => setTimeout(resolve, 200))
      return next(request)
    }
    const request: Request = { by: 'access-key-id', accessKeyId }
    const { result } = await runInMemory({ built, request, responder: yes, proofWait: 0, fault: slow })
    expect(result.incident.facts.finding?.finding.count).toBeGreaterThan(0)
    expect(result.incident.facts.finding?.finding.action?.api).toBeDefined()
  })
})

/** A call with a user's key, as CloudTrail has it. */
const callAt = (eventTime: string) => {
  const raw = JSON.stringify({
    ...{ eventVersion: '1.09', eventID: `id-${eventTime}`, eventTime, eventName: 'ListBuckets', eventSource: 's3.amazonaws.com' },
    ...{ awsRegion: 'us-east-1', sourceIPAddress: '198.51.100.7', userAgent: 'x', readOnly: true, eventType: 'AwsApiCall' },
    userIdentity: {
      ...{ type: 'IAMUser', principalId: 'AIDAXCSEC6TNBUILDBOT1', accountId: '111122223333', userName: 'bob' },
      ...{ arn: 'arn:aws:iam::111122223333:user/bob', accessKeyId: 'AKIAXCSEC6TNGZ6EZUUO' },
    },
  })
  const record = readRecord(JSON.parse(raw))
  if (!record) throw new Error('the record cannot be read')
  return { record, raw }
}

describe('the age of a key without a record of its issue', () => {
  it('is its newest call, in whatever order the Regions answered', () => {
    const calls = ['2026-11-25T01:00:00Z', '2026-11-25T03:00:00Z', '2026-11-25T02:00:00Z']
    const [key] = byKey(calls.map(callAt).flatMap(evidenceIn))
    if (!key) throw new Error('there is no evidence')
    expect(ageOf(key)).toBe('2026-11-25T03:00:00Z')
    expect(inPlaceOfFinding(key, 'us-east-1').finding).toMatchObject({
      firstSeen: calls[0],
      lastSeen: calls[1],
      updatedAt: calls[1],
    })
  })
})
