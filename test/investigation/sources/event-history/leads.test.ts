import { describe, expect, it } from 'vitest'
import { keptRecord } from '../../../../src/investigation/analysis/write-events.ts'
import { type PrincipalRef, questionOf } from '../../../../src/investigation/question.ts'
import { principalName } from '../../../../src/investigation/source.ts'
import { ago, type Happened, type HistoryRan, historyOf, ROLE, ROLE_ARN, sessionIdentity } from './virtual-history.ts'

const KEY = 'ASIAEXAMPLEEXAMPLE01'
const SIBLING = 'ASIAEXAMPLEEXAMPLE02'
const OTHER = 'ASIAEXAMPLEEXAMPLE03'
const SESSION = 'i-0123456789abcdef0'
const HOUR = 3600
const DAY = 86_400

const call = (ago: number, accessKeyId = KEY, username = SESSION, more: Partial<Happened> = {}): Happened => ({
  ...{ ago, accessKeyId, username },
  ...more,
})

/** EC2 takes credentials of the role for an instance. */
const issue = (ago: number, accessKeyId: string, session: string): Happened => ({
  ...{ ago, eventName: 'AssumeRole', eventSource: 'sts.amazonaws.com', resources: [accessKeyId, session, ROLE_ARN] },
  record: {
    userIdentity: { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
    requestParameters: { roleArn: ROLE_ARN, roleSessionName: session },
    responseElements: { credentials: { accessKeyId } },
  },
})

const ask = async (
  principal: PrincipalRef,
  events: readonly Happened[],
  scopeHours = 6,
  followChainedSessions = false,
  baselineCalls = 120,
) => {
  const scope = { from: ago(scopeHours * HOUR) }
  const asked = { questions: [questionOf(principal, { scope })], followChainedSessions, range: {} }
  const history = historyOf({ events, asked, options: { baselineCalls } })
  const { states, report } = await history.answer()
  return { history, states, report, state: states.get(principalName(principal))?.state }
}

const namesOf = ({ requests }: HistoryRan, attribute: string): string[] => [
  ...new Set(requests.filter((each) => each.attribute === attribute).map(({ value }) => value ?? '')),
]

describe('a key', () => {
  it('is looked up by itself, then what was done to it, its role and instance, then its session’s other keys, then its role’s', async () => {
    const events = [call(HOUR), call(2 * HOUR, SIBLING), issue(20 * DAY, OTHER, 'i-other'), call(19.9 * DAY, OTHER, 'i-other')]
    const { history, state } = await ask({ kind: 'access-key-id', value: KEY }, events)
    const asked = history.requests.map(({ attribute, value }) => `${attribute} ${value}`)
    expect([...new Set(asked)]).toEqual([
      `AccessKeyId ${KEY}`,
      `ResourceName ${KEY}`,
      `ResourceName ${ROLE}`,
      `ResourceName ${SESSION}`,
      `Username ${SESSION}`,
      `ResourceName ${ROLE_ARN}`,
      'Username i-other',
    ])
    expect(state?.counter.ids.size).toBe(3)
  })

  it('has what was done to its instance and its role before, by the resources of the events', async () => {
    const byEve = { accessKeyId: 'AKIAEVE0000000000001', username: 'eve' }
    const done = [
      call(30 * HOUR, byEve.accessKeyId, byEve.username, {
        ...{ eventName: 'SendCommand', eventSource: 'ssm.amazonaws.com', resources: [SESSION] },
        record: { readOnly: false, requestParameters: { instanceIds: [SESSION] } },
      }),
      call(31 * HOUR, byEve.accessKeyId, byEve.username, {
        ...{ eventName: 'AttachRolePolicy', eventSource: 'iam.amazonaws.com', resources: [ROLE], region: 'us-east-1' },
        record: {
          readOnly: false,
          requestParameters: { roleName: ROLE, policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
        },
      }),
    ]
    const { report, state } = await ask({ kind: 'access-key-id', value: KEY }, [call(HOUR), ...done])
    const names = [...(state?.context.values() ?? [])].map((event) => keptRecord(event).eventName)
    expect(names.sort()).toEqual(['AttachRolePolicy', 'SendCommand'])
    expect(report.contextNotRead).toMatch(/a change that lists none is not found. It cannot be searched by address/)
  })

  it('spends a bounded number of calls on what was done before, and says where it stopped', async () => {
    const busy = Array.from({ length: 3000 }, (_, index) =>
      call(DAY + index * 60, 'ASIAOTHER00000000001', 'x', { resources: [ROLE] }),
    )
    const { report, history } = await ask({ kind: 'access-key-id', value: KEY }, [call(HOUR), ...busy])
    const asked = history.requests.filter(({ value, region }) => value === ROLE && region === 'eu-central-1')
    expect(asked.length).toBeLessThanOrEqual(40)
    expect(report.incomplete.join('\n')).toMatch(
      /eu-central-1, ResourceName web-app, was not read from .*: stopped after 40 calls/,
    )
  })

  it('leaves a session name alone that STS would not have given', async () => {
    const record = { userIdentity: sessionIdentity(KEY, 'x"; DROP') }
    const { history } = await ask({ kind: 'access-key-id', value: KEY }, [call(HOUR, KEY, 'x', { record })])
    expect(namesOf(history, 'Username')).toEqual([])
  })

  it('spends no more on what it is compared with than it may, and says what is missing', async () => {
    const past = Array.from({ length: 1000 }, (_, index) => call(DAY + index * 600, SIBLING))
    const { report, state } = await ask({ kind: 'access-key-id', value: KEY }, [call(HOUR), ...past], 6, false, 5)
    expect(state?.counter.ids.size).toBe(1 + 5 * 50)
    expect(report.incomplete.join('\n')).toMatch(
      /CloudTrail in eu-central-1, Username i-0123456789abcdef0, was not read from 2026-10-\S+ to 2026-11-\S+: stopped after 5 calls/,
    )
  })
})

describe('what a key obtained', () => {
  it('is followed by its own key, and what that obtained too', async () => {
    const obtain = (accessKeyId: string) => ({
      ...{ eventName: 'AssumeRole', eventSource: 'sts.amazonaws.com' },
      record: {
        requestParameters: { roleArn: 'arn:aws:iam::111122223333:role/admin', roleSessionName: 'me' },
        responseElements: { credentials: { accessKeyId } },
      },
    })
    const events = [
      call(3 * HOUR, KEY, SESSION, obtain(SIBLING)),
      call(2 * HOUR, SIBLING, 'me', obtain(OTHER)),
      call(HOUR, OTHER, 'me'),
      call(HOUR / 2, OTHER, 'me'),
    ]
    const { states, history } = await ask({ kind: 'access-key-id', value: KEY }, events, 6, true)
    expect([...states.keys()]).toEqual([KEY, SIBLING, OTHER].map((key) => `access-key-id ${key}`))
    expect(states.get(`access-key-id ${OTHER}`)?.state.counter.ids.size).toBe(2)
    const asked = history.requests.filter(({ attribute, region }) => attribute === 'AccessKeyId' && region === 'us-east-1')
    expect(asked.map(({ value }) => value)).toEqual([KEY, SIBLING, OTHER])
    // A key is not used before it is issued.
    expect(asked.map(({ start }) => start)).toEqual(
      [6 * HOUR, 3 * HOUR, 2 * HOUR].map((seconds) => Date.parse(ago(seconds)) / 1000),
    )
  })
})

describe('a role', () => {
  const events = [
    issue(7 * HOUR, KEY, SESSION),
    call(HOUR),
    call(2 * HOUR),
    issue(3 * HOUR, OTHER, 'i-other'),
    call(HOUR, OTHER, 'i-other'),
    call(3 * DAY, SIBLING, 'i-old'),
    issue(3.1 * DAY, SIBLING, 'i-old'),
  ]

  it('is found by the sessions that were issued of it, those too that began before the scope', async () => {
    const { history, state } = await ask({ kind: 'role', value: ROLE_ARN }, events)
    expect(namesOf(history, 'ResourceName')).toEqual([ROLE_ARN])
    expect(namesOf(history, 'Username')).toEqual(['i-other', SESSION, 'i-old'])
    expect(state?.counter.ids.size).toBe(4)
  })

  it.each([ROLE, 'AROAEXAMPLEEXAMPLE00'])('a role given as %s is found by the calls that issue sessions', async (value) => {
    const issued = events.map((event) =>
      event.record
        ? {
            ...event,
            record: { ...event.record, responseElements: { assumedRoleUser: { assumedRoleId: 'AROAEXAMPLEEXAMPLE00:x' } } },
          }
        : event,
    )
    const { history, state } = await ask({ kind: 'role', value }, issued)
    expect(namesOf(history, 'EventName')).toEqual(['AssumeRole', 'AssumeRoleWithSAML', 'AssumeRoleWithWebIdentity'])
    expect(state?.counter.ids.size).toBe(4)
  })

  it('a role with very many sessions is not read whole, and that is said', async () => {
    const many = Array.from({ length: 230 }, (_, index) => issue(HOUR + index, OTHER, `session-${index}`))
    const { history, report } = await ask({ kind: 'role', value: ROLE_ARN }, many)
    expect(namesOf(history, 'Username')).toHaveLength(200)
    expect(report.incomplete).toContain(`role ${ROLE_ARN} has more than 200 sessions, and 30 of them were not looked up`)
  })
})

describe('other principals', () => {
  const events = [call(HOUR), call(2 * HOUR, SIBLING), issue(5 * HOUR, KEY, SESSION)]

  it.each<[PrincipalRef, string[]]>([
    [{ kind: 'session', value: `arn:aws:sts::111122223333:assumed-role/${ROLE}/${SESSION}` }, [`Username ${SESSION}`]],
    [{ kind: 'session', value: `AROAEXAMPLEEXAMPLE00:${SESSION}` }, [`Username ${SESSION}`]],
    [{ kind: 'instance-id', value: SESSION }, [`Username ${SESSION}`, `ResourceName ${SESSION}`]],
    [{ kind: 'user', value: 'arn:aws:iam::111122223333:user/dept/alice' }, ['Username alice']],
    [{ kind: 'user', value: 'arn:aws:iam::111122223333:root' }, ['Username root']],
    [{ kind: 'user', value: 'AIDAEXAMPLEEXAMPLE00' }, ['undefined undefined']],
    [{ kind: 'ip', value: '203.0.113.7' }, ['undefined undefined']],
  ])('%o are looked up by %o', async (principal, expected) => {
    const { history } = await ask(principal, events)
    const asked = new Set(history.requests.map(({ attribute, value }) => `${attribute} ${value}`))
    expect([...asked].slice(0, expected.length)).toEqual(expected)
  })

  it('an address is found by reading every event', async () => {
    const elsewhere = call(HOUR, OTHER, 'i-other', { record: { sourceIPAddress: '198.51.100.1' } })
    const { state } = await ask({ kind: 'ip', value: '203.0.113.7' }, [...events, elsewhere])
    expect(state?.counter.ids.size).toBe(3)
  })
})
