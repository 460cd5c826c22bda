import { describe, expect, it } from 'vitest'
import {
  baselinePrincipalOf,
  isCallOf,
  isWithin,
  type PrincipalRef,
  questionOf,
  scopeAround,
  searchTermOf,
} from '../../../src/investigation/question.ts'
import { readRecord } from '../../../src/investigation/read-record.ts'
import { ACCOUNT, documentOf, INSTANCE, instant, ROLE_ARN, recordOf, STOLEN, theKey } from './records.ts'

const SESSION_ARN = `arn:aws:sts::${ACCOUNT}:assumed-role/web-app/${INSTANCE}`

const identified = (userIdentity: object) => {
  const record = readRecord({ ...documentOf(), userIdentity })
  if (!record) throw new RangeError('no record')
  return record
}

const user = identified({
  type: 'IAMUser',
  userName: 'eve',
  arn: `arn:aws:iam::${ACCOUNT}:user/eve`,
  principalId: 'AIDAEVE0000000000001',
  accessKeyId: 'AKIAEVE0000000000001',
})
const root = identified({ type: 'Root', arn: `arn:aws:iam::${ACCOUNT}:root`, principalId: ACCOUNT })

describe('a principal is told by any of its names', () => {
  const names: readonly PrincipalRef[] = [
    { kind: 'access-key-id', value: STOLEN },
    { kind: 'role', value: 'web-app' },
    { kind: 'role', value: ROLE_ARN },
    { kind: 'role', value: 'AROAEXAMPLEWEBAPP' },
    { kind: 'session', value: SESSION_ARN },
    { kind: 'session', value: `web-app/${INSTANCE}` },
    { kind: 'session', value: `AROAEXAMPLEWEBAPP:${INSTANCE}` },
    { kind: 'session', value: INSTANCE },
    { kind: 'instance-id', value: INSTANCE },
    { kind: 'ip', value: '198.51.100.7' },
  ]

  it.each(names)('$kind $value', (principal) => {
    expect(isCallOf(principal, recordOf())).toBe(true)
    expect(isCallOf({ ...principal, value: `${principal.value}x` }, recordOf())).toBe(false)
  })

  it.each(names)('every record of $kind $value has the text that log files are searched for', (principal) => {
    expect(JSON.stringify(documentOf())).toContain(searchTermOf(principal))
  })

  it.each(['eve', `arn:aws:iam::${ACCOUNT}:user/eve`, 'AIDAEVE0000000000001'])('a user by %s', (value) => {
    expect(isCallOf({ kind: 'user', value }, user)).toBe(true)
  })

  it('root by that name', () => {
    expect(isCallOf({ kind: 'user', value: 'root' }, root)).toBe(true)
    expect(isCallOf({ kind: 'user', value: 'root' }, user)).toBe(false)
  })

  it('a role’s session is no user, even of the same name', () => {
    expect(isCallOf({ kind: 'user', value: INSTANCE }, recordOf())).toBe(false)
    expect(isCallOf({ kind: 'role', value: 'eve' }, user)).toBe(false)
  })

  it('a role of which only the session’s ARN is recorded is found by its own ARN', () => {
    const bare = identified({ type: 'AssumedRole', arn: SESSION_ARN })
    expect(isCallOf({ kind: 'role', value: ROLE_ARN }, bare)).toBe(true)
  })
})

describe('calls are compared with the earlier ones of the same role or user', () => {
  it.each([
    ['a session with its role, by the role’s true ARN', recordOf(), { kind: 'role', value: ROLE_ARN }],
    [
      'a session of which less is known with its role’s name',
      identified({ arn: SESSION_ARN }),
      { kind: 'role', value: 'web-app' },
    ],
    ['a user with himself', user, { kind: 'user', value: 'eve' }],
    ['root with root', root, { kind: 'user', value: `arn:aws:iam::${ACCOUNT}:root` }],
    ['a service with nothing', identified({ type: 'AWSService', invokedBy: 'ec2.amazonaws.com' }), undefined],
  ])('%s', (_, record, population) => {
    expect(baselinePrincipalOf(record)).toEqual(population)
    if (population) expect(isCallOf(population as PrincipalRef, record)).toBe(true)
  })
})

describe('a scope is a part of the history', () => {
  const seen = { first: instant('2026-03-01T12:00:00Z'), last: instant('2026-03-01T13:00:00Z') }

  it.each([
    ['before', [true, false, false, false]],
    ['during', [false, true, true, false]],
    ['after', [false, false, false, true]],
  ] as const)('%s a finding’s window', (name, within) => {
    const times = ['2026-03-01T11:59:59Z', '2026-03-01T12:00:00Z', '2026-03-01T13:00:00Z', '2026-03-01T13:00:01Z']
    expect(times.map((time) => isWithin(scopeAround(seen, name), instant(time)))).toEqual(within)
  })

  it('counts a call in the second of the first sight as seen, though GuardDuty knows parts of seconds and CloudTrail none', () => {
    const seen = { first: instant('2026-03-01T12:00:00.500Z'), last: instant('2026-03-01T13:00:00.900Z') }
    const at = instant('2026-03-01T12:00:00Z')
    expect(isWithin(scopeAround(seen, 'before'), at)).toBe(false)
    expect(isWithin(scopeAround(seen, 'during'), at)).toBe(true)
    expect(isWithin(scopeAround(seen, 'during'), instant('2026-03-01T13:00:00Z'))).toBe(true)
  })

  it('is all of it when nobody says otherwise, compared with 45 days', () => {
    const question = questionOf(theKey)
    expect(isWithin(question.scope, instant('1999-01-01T00:00:00Z'))).toBe(true)
    expect(question).toMatchObject({ baselineDays: 45, wholeAccount: false })
  })
})
