import { describe, expect, it } from 'vitest'
import { findCall } from '../../../src/aws/calls.ts'
import type { PolicyRead, RoleProfile } from '../../../src/incident/facts/role-profile.ts'
import { flattenUntrusted } from '../../../src/incident/values/show.ts'
import { readRoleProfile } from '../../../src/investigation/enrichment/role-profile.ts'
import type { Account } from '../../../src/simulator/account/account.ts'
import { answers, breaks, type Kind } from '../../faults/kinds.ts'
import { roleLike } from '../../support/account.ts'
import { allow, askedAccount, policyOf } from './asked-account.ts'

const CUSTOM = 'arn:aws:iam::111122223333:policy/team/orders'
const BOUNDARY = 'arn:aws:iam::111122223333:policy/limits'

const inline = (...policies: readonly (readonly [name: string, document: string])[]) =>
  new Map(policies.map(([name, document]) => [name, { document, writtenAt: 0 }]))

/** A role with a policy of every kind. */
const addOrders = ({ roles, managedPolicies }: Account): void => {
  managedPolicies.set(CUSTOM, { name: 'orders', document: policyOf(allow('dynamodb:*')) })
  managedPolicies.set(BOUNDARY, { name: 'limits', document: policyOf(allow(['dynamodb:*', 's3:*'])) })
  const trustPolicy = policyOf({
    Effect: 'Allow',
    Principal: { AWS: '444455556666' },
    Action: 'sts:AssumeRole',
    Condition: { Bool: { 'aws:MultiFactorAuthPresent': true } },
  })
  roles.set('orders', {
    ...roleLike({ name: 'orders', path: '/team/', trustPolicy, attachedPolicies: [CUSTOM], boundary: BOUNDARY }),
    inline: inline(['guard', policyOf({ Sid: 'No', Effect: 'Deny', NotAction: 'dynamodb:*', NotResource: 'arn:aws:s3:::logs' })]),
  })
}

const read = async (roleName: string, options: Parameters<typeof askedAccount>[0] = {}) => {
  const { iam, asked } = await askedAccount(options)
  const profile = await readRoleProfile({ iam, roleName })
  return { profile, asked: asked() }
}

const named = ({ policies }: RoleProfile, name: string): PolicyRead | undefined =>
  policies.find((policy) => policy.name.untrusted === name)

describe('the profile of a role', () => {
  it('a role profile has the path, unique id, age, description, longest session and tags', async () => {
    const { profile } = await read('web-app')
    expect(flattenUntrusted(profile)).toMatchObject({
      kind: 'role',
      found: 'found',
      name: 'web-app',
      arn: 'arn:aws:iam::111122223333:role/service/web-app',
      path: '/service/',
      id: 'AROAXCSEC6TNB2WZPQ7LK',
      createdAt: '2025-10-01T02:00:00Z',
      description: 'Web application: instances and image resizing',
      maxSessionDuration: 43_200,
      tags: [
        { key: 'Project', value: 'web-shop' },
        { key: 'Owner', value: 'web-team' },
      ],
      incomplete: [],
    })
  })

  it('a role profile has the policies: inline, AWS’s, the account’s own, and the boundary, each in the version in force', async () => {
    const { profile } = await read('web-app')
    expect(profile.policies.map(({ kind, use, version }) => [kind, use, version?.untrusted])).toEqual([
      ['inline', 'permissions', undefined],
      ['AWS managed', 'permissions', 'v1'],
    ])
    expect(named(profile, 'AmazonSSMManagedInstanceCore')?.statements).toHaveLength(3)
    const { profile: orders } = await read('orders', { change: addOrders })
    expect(orders.policies.map(({ kind, use, arn }) => [kind, use, arn?.untrusted])).toEqual([
      ['inline', 'permissions', undefined],
      ['customer managed', 'permissions', CUSTOM],
      ['customer managed', 'boundary', BOUNDARY],
    ])
  })

  it('a role profile has the statements as they stand, nothing shortened', async () => {
    const { profile } = await read('orders', { change: addOrders })
    expect(flattenUntrusted(named(profile, 'guard')?.statements)).toEqual([
      {
        sid: 'No',
        effect: 'Deny',
        actions: [],
        notActions: ['dynamodb:*'],
        resources: [],
        notResources: ['arn:aws:s3:::logs'],
        conditions: [],
      },
    ])
  })

  it('a role profile says who may assume the role, and who of them is from outside', async () => {
    const { profile } = await read('orders', { change: addOrders })
    expect(flattenUntrusted(profile.trust)).toEqual([
      {
        effect: 'Allow',
        except: false,
        principals: [{ kind: 'account', name: '444455556666', accountId: '444455556666', external: true }],
        actions: ['sts:AssumeRole'],
        conditions: [{ operator: 'Bool', key: 'aws:MultiFactorAuthPresent', values: ['true'] }],
      },
    ])
  })

  it('a role profile has the last use, as IAM has it', async () => {
    const { profile } = await read('web-app')
    expect(profile.lastUsed?.at).toMatch(/^2026-11-25T0\d:\d\d:\d\dZ$/)
    expect(profile.lastUsed?.region?.untrusted).toBe('us-east-1')
    const { profile: unused } = await read('orders', { change: addOrders })
    expect(unused.lastUsed).toBeUndefined()
  })

  it('a role profile has all policies, though they come in pages', async () => {
    const many = Array.from({ length: 25 }, (_, index) => [`policy-${index}`, policyOf(allow(`s3:Get${index}`))] as const)
    const { profile } = await read('busy', {
      change: ({ roles }) => roles.set('busy', { ...roleLike({ name: 'busy' }), inline: inline(...many) }),
    })
    expect(profile.policies).toHaveLength(25)
  })
})

describe('what IAM does not tell', () => {
  it('a role that is gone is said to be gone, and not asked about further', async () => {
    const { profile, asked } = await read('nobody')
    expect(profile).toMatchObject({ found: 'gone', incomplete: ['IAM knows no role nobody (any more)'], policies: [] })
    expect(asked).toEqual(['iam:GetRole'])
  })

  it.each([
    ['GetRole', 'role orders'],
    ['ListRolePolicies', 'the inline policies of role orders'],
    ['GetRolePolicy', 'inline policy guard of role orders'],
    ['ListAttachedRolePolicies', 'the managed policies of role orders'],
    ['GetPolicy', 'managed policy orders'],
    ['GetPolicyVersion', 'managed policy orders'],
  ])('%s denied becomes a sentence, and the rest stands', async (operation, what) => {
    const fault = breaks('denied', { operation: `iam:${operation}`, times: 100 })
    const { profile } = await read('orders', { change: addOrders, fault })
    const { profile: whole } = await read('orders', { change: addOrders })
    expect(profile.incomplete).toContain(`${what} could not be read: iam:${operation} is denied`)
    expect(profile.found).toBe(operation === 'GetRole' ? 'unread' : 'found')
    const readable = profile.policies.filter(({ unread }) => unread === undefined)
    expect(readable.length).toBeGreaterThan(0)
    for (const policy of readable) expect(whole.policies).toContainEqual(policy)
  })

  it('a document that is no policy is a sentence', async () => {
    const { profile } = await read('orders', {
      change: (account) => {
        addOrders(account)
        account.roles.get('orders')?.inline.set('broken', { document: 'not a policy', writtenAt: 0 })
      },
    })
    expect(profile.incomplete).toEqual(['inline policy broken of role orders is not written as IAM writes policies'])
    expect(named(profile, 'broken')?.unread).toBeTruthy()
  })

  it('a policy that was deleted between the list and the question is one too', async () => {
    let forget = (): void => {}
    const { profile } = await read('orders', {
      change: (account) => {
        addOrders(account)
        forget = () => void account.roles.get('orders')?.inline.clear()
      },
      fault: answers('iam:GetRolePolicy', (_, next) => {
        forget()
        return next()
      }),
    })
    expect(profile.incomplete).toEqual([
      'inline policy guard of role orders could not be read: iam:GetRolePolicy answers NoSuchEntity',
    ])
  })

  it('a role that was made anew under its name is told to be another one', async () => {
    const { iam } = await askedAccount()
    const ask = async (roleId: string) => (await readRoleProfile({ iam, roleName: 'web-app', roleId })).incomplete
    expect(await ask('AROAXCSEC6TNB2WZPQ7LK')).toEqual([])
    expect(await ask('AROAOLDOLDOLDOLDOLDOL')).toEqual([
      'role web-app was made anew: it is AROAXCSEC6TNB2WZPQ7LK now, and the records speak of AROAOLDOLDOLDOLDOLDOL, whose permissions are not known',
    ])
  })

  it('more than a journal should hold is left out, and said', async () => {
    const long = policyOf(...Array.from({ length: 900 }, (_, index) => allow(Array(20).fill(`s3:Get${index}`))))
    const { profile } = await read('orders', {
      change: (account) => {
        addOrders(account)
        account.managedPolicies.set(CUSTOM, { name: 'orders', document: long })
      },
    })
    expect(profile.incomplete).toEqual([
      'managed policy orders is left out: the policies together are longer than 400000 characters',
    ])
    expect(named(profile, 'guard')?.statements).toHaveLength(1)
    expect(named(profile, 'limits')?.statements).toHaveLength(1)
  })

  it.each<[Kind, string]>([
    ['throttled', 'iam:ListRolePolicies is throttled'],
    ['a 500', 'iam:ListRolePolicies gets no answer'],
    ['empty 200', 'iam:ListRolePolicies gets no answer'],
  ])('%s, again and again, is a sentence: what others say stands', async (kind, said) => {
    const { iam } = await askedAccount({ fault: breaks(kind, { operation: 'iam:ListRolePolicies', times: 100 }) })
    const { incomplete, policies } = await readRoleProfile({ iam, roleName: 'web-app' })
    expect(incomplete).toEqual([`the inline policies of role web-app could not be read: ${said}`])
    expect(policies).toHaveLength(1)
  })
})

it('only reads are sent, each in the table of calls', async () => {
  const { asked } = await read('orders', { change: addOrders })
  expect(new Set(asked).size).toBe(6)
  for (const call of asked) {
    const [service = '', operation = ''] = call.split(':')
    expect(findCall(service, operation)?.access, call).toBe('read')
  }
})

it('a name that IAM would not allow is not repeated in a sentence', async () => {
  const { profile } = await read('no\u001b[2Jbody')
  expect(profile.incomplete[0]).toBe('role no??2Jbody could not be read: iam:GetRole answers ValidationError')
})
