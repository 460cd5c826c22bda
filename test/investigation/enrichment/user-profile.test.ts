import { describe, expect, it } from 'vitest'
import { flattenUntrusted } from '../../../src/incident/values/show.ts'
import { readUserProfile } from '../../../src/investigation/enrichment/user-profile.ts'
import type { Account } from '../../../src/simulator/account/account.ts'
import { issueUserKey } from '../../../src/simulator/issue-credentials.ts'
import { recordEvent } from '../../../src/simulator/records/record.ts'
import type { WireResponse } from '../../../src/simulator/wire/message.ts'
import { answers, breaks } from '../../faults/kinds.ts'
import { userLike } from '../../support/account.ts'
import { NOW } from '../../support/trail.ts'
import { allow, askedAccount, policyOf } from './asked-account.ts'

const AUDIT = 'arn:aws:iam::aws:policy/SecurityAudit'

const addCarol = (account: Account): void => {
  account.managedPolicies.set(AUDIT, { name: 'SecurityAudit', document: policyOf(allow('iam:Get*')) })
  account.groups.set('staff', {
    name: 'staff',
    id: 'AGPASTAFF00000000000',
    path: '/',
    createdAt: NOW - 1e10,
    attachedPolicies: [AUDIT],
    inline: new Map([['connection', { document: policyOf(allow('s3:List*')), writtenAt: 0 }]]),
    deleted: new Map(),
  })
  const carol = {
    ...userLike({ name: 'carol', path: '/staff/', tags: { Team: 'web' }, attachedPolicies: [AUDIT], boundary: AUDIT }),
    groups: ['staff'],
    mfaDevices: [{ serial: 'arn:aws:iam::111122223333:mfa/carol', enabledAt: NOW - 1e9 }],
    passwordSince: NOW - 1e9,
    inline: new Map([['own', { document: policyOf(allow('ec2:Describe*')), writtenAt: 0 }]]),
  }
  account.users.set('carol', carol)
  const key = issueUserKey(account, carol, NOW - 1e9)
  issueUserKey(account, carol, NOW - 1e8)
  recordEvent(account, {
    eventSource: 's3.amazonaws.com',
    eventName: 'ListBuckets',
    readOnly: true,
    sourceIp: '198.51.100.7',
    userAgent: 'aws-cli',
    credential: key,
    at: NOW - 3_600_000,
  })
}

const read = async (userName: string, operation?: string) => {
  const fault = operation ? { fault: breaks('denied', { operation: `iam:${operation}`, times: 100 }) } : {}
  const { iam } = await askedAccount({ change: addCarol, ...fault })
  return readUserProfile({ iam, userName })
}

describe('the profile of a user', () => {
  it('a user profile has the path, unique id, tags, groups, MFA and console password', async () => {
    expect(flattenUntrusted(await read('carol'))).toMatchObject({
      kind: 'user',
      found: 'found',
      arn: 'arn:aws:iam::111122223333:user/staff/carol',
      path: '/staff/',
      tags: [{ key: 'Team', value: 'web' }],
      groups: ['staff'],
      mfa: [{ serial: 'arn:aws:iam::111122223333:mfa/carol', enabledAt: '2026-11-13T12:13:20Z' }],
      consolePassword: true,
      incomplete: [],
    })
  })

  it('a user profile has the policies, those of groups with the group’s name, and the boundary', async () => {
    const { policies } = await read('carol')
    const told = policies.map(({ name, kind, use, group }) => [name.untrusted, kind, use, group?.untrusted])
    expect(told).toEqual([
      ['own', 'inline', 'permissions', undefined],
      ['SecurityAudit', 'AWS managed', 'permissions', undefined],
      ['connection', 'inline', 'permissions', 'staff'],
      ['SecurityAudit', 'AWS managed', 'permissions', 'staff'],
      ['SecurityAudit', 'AWS managed', 'boundary', undefined],
    ])
    expect(policies.every(({ statements }) => statements.length === 1)).toBe(true)
  })

  it('a user profile has the keys, their status and last use', async () => {
    const { keys } = await read('carol')
    expect(keys).toHaveLength(2)
    expect(keys[0]).toMatchObject({ status: 'Active', createdAt: '2026-11-13T12:13:20Z' })
    expect(flattenUntrusted(keys.map(({ lastUsed }) => lastUsed))).toEqual([
      { at: '2026-11-25T01:00:00Z', region: 'us-east-1', service: 's3' },
      undefined,
    ])
  })
})

describe('what IAM does not tell', () => {
  it('a user that is gone is said to be gone', async () => {
    expect(await read('nobody')).toMatchObject({ found: 'gone', incomplete: ['IAM knows no user nobody (any more)'] })
  })

  it('a user without a password has none', async () => {
    const { iam } = await askedAccount({ change: ({ users }) => users.set('robot', userLike({ name: 'robot' })) })
    expect(await readUserProfile({ iam, userName: 'robot' })).toMatchObject({ consolePassword: false, keys: [], incomplete: [] })
  })

  it.each([
    ['GetUser', 'user carol'],
    ['ListGroupsForUser', 'the groups of user carol'],
    ['ListUserPolicies', 'the inline policies of user carol'],
    ['GetUserPolicy', 'inline policy own of user carol'],
    ['ListAttachedUserPolicies', 'the managed policies of user carol'],
    ['ListGroupPolicies', 'the inline policies of group staff'],
    ['GetGroupPolicy', 'inline policy connection of group staff'],
    ['ListAttachedGroupPolicies', 'the managed policies of group staff'],
    ['ListAccessKeys', 'the keys of user carol'],
    ['ListMFADevices', 'the MFA devices of user carol'],
    ['GetLoginProfile', 'whether user carol has a console password'],
  ])('%s denied becomes a sentence, and the rest stands', async (operation, what) => {
    const profile = await read('carol', operation)
    expect(profile.incomplete).toEqual([`${what} could not be read: iam:${operation} is denied`])
    expect(profile.policies.length).toBeGreaterThan(1)
    expect(profile.consolePassword).toBe(operation === 'GetLoginProfile' ? undefined : true)
  })

  it('a list that was not read to its end becomes a sentence, and what was read of it stands', async () => {
    let first: WireResponse | undefined
    const fault = answers('iam:ListGroupsForUser', async (_, next) => {
      first ??= await next()
      const body = first.body.replace(/<IsTruncated>false</, '<Marker>again</Marker><IsTruncated>true<')
      return { ...first, body }
    })
    const { iam } = await askedAccount({ change: addCarol, fault })
    const { groups, incomplete } = await readUserProfile({ iam, userName: 'carol' })
    expect(flattenUntrusted(groups)).toContain('staff')
    expect(incomplete).toContain('the groups of user carol could not be read to the end: the service repeated a page token')
  })

  it('keys stand without their last use when that is denied', async () => {
    const { keys, incomplete } = await read('carol', 'GetAccessKeyLastUsed')
    expect(keys).toHaveLength(2)
    expect(incomplete).toHaveLength(2)
  })
})
