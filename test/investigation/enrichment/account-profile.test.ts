import { describe, expect, it } from 'vitest'
import { findCall } from '../../../src/aws/calls.ts'
import { flattenUntrusted } from '../../../src/incident/values/show.ts'
import { readAccountProfile } from '../../../src/investigation/enrichment/account-profile.ts'
import type { Organization } from '../../../src/simulator/account/organization.ts'
import type { WireResponse } from '../../../src/simulator/wire/message.ts'
import { answers, breaks } from '../../faults/kinds.ts'
import { ACCOUNT_ID, askedAccount } from './asked-account.ts'

type Change = (organization: Organization) => Organization | undefined

const read = async (options: { readonly change?: Change; readonly fault?: Parameters<typeof askedAccount>[0] } = {}) => {
  const { iam, organizations, asked } = await askedAccount({
    ...options.fault,
    change: (account) => {
      const { organization } = account
      if (organization && options.change) Object.assign(account, { organization: options.change(organization) })
    },
  })
  const profile = await readAccountProfile({ accountId: ACCOUNT_ID, iam, organizations })
  return { profile, asked: asked() }
}

/** Every page of the list is its first one, and says that there is more behind the same token. */
const unending = (operation: string) => {
  const first = new Map<string, WireResponse>()
  const fault = answers(operation, async ({ input }, next) => {
    const of = JSON.stringify({ ...input, NextToken: undefined, Marker: undefined })
    const page = first.get(of) ?? goingOn(await next())
    first.set(of, page)
    return page
  })
  return { fault }
}

const goingOn = (response: WireResponse): WireResponse => {
  const { body } = response
  if (body.startsWith('{')) return { ...response, body: JSON.stringify({ ...JSON.parse(body), NextToken: 'again' }) }
  return { ...response, body: body.replace(/<IsTruncated>false</, '<Marker>again</Marker><IsTruncated>true<') }
}

const denied = (operation: string) => ({ fault: breaks('denied', { operation, times: 100 }) })

describe('the profile of an account', () => {
  it('an account profile has the alias, the name, the way from the root, and the tags', async () => {
    const { profile } = await read()
    expect(flattenUntrusted(profile)).toEqual({
      accountId: ACCOUNT_ID,
      alias: 'acme-web',
      organization: { id: 'o-h3k8n2v5qa', managementAccountId: '999988887777' },
      name: 'acme-web',
      email: 'aws-web@acme.example',
      status: 'ACTIVE',
      joinedAt: '2024-06-08T02:00:00Z',
      path: [
        { id: 'r-7xq2', kind: 'root' },
        { id: 'ou-7xq2-5h1m9k3d', kind: 'unit', name: 'Workloads' },
        { id: 'ou-7xq2-8t4w2p6z', kind: 'unit', name: 'Production' },
      ],
      tags: [
        { key: 'Environment', value: 'production' },
        { key: 'Owner', value: 'web-team' },
        { key: 'DataClass', value: 'customer' },
      ],
      incomplete: [],
    })
  })

  it('an account profile has what the responder’s own list says of the account', async () => {
    const { organizations } = await askedAccount()
    const listed = { accountId: ACCOUNT_ID, owner: { untrusted: 'Web' }, further: [] }
    const profile = await readAccountProfile({ accountId: ACCOUNT_ID, organizations, listed })
    expect(profile).toMatchObject({ listed, incomplete: [] })
    expect(profile.alias).toBeUndefined()
  })

  it('an account profile is read by calls that the table of calls has as reads', async () => {
    const { asked } = await read()
    expect(new Set(asked).size).toBe(6)
    for (const call of asked) expect(findCall(...(call.split(':') as [string, string]))?.access, call).toBe('read')
  })
})

describe('what is not told', () => {
  it('a member that administers nothing hears so in one sentence, and still knows its organization', async () => {
    const { profile, asked } = await read({ change: (organization) => ({ ...organization, delegatedAdministrators: [] }) })
    expect(profile).toMatchObject({ organization: { id: 'o-h3k8n2v5qa' }, path: [], tags: [] })
    expect(profile.incomplete).toEqual([
      'the account’s name, place and tags in its organization (for the management account and delegated administrators only) could not be read: organizations:DescribeAccount is denied',
    ])
    expect(asked.filter((call) => call.startsWith('organizations'))).toHaveLength(2)
  })

  it('an account in no organization has none, which is an answer', async () => {
    const { profile } = await read({ change: () => undefined })
    expect(profile).toEqual({ accountId: ACCOUNT_ID, alias: { untrusted: 'acme-web' }, path: [], tags: [], incomplete: [] })
  })

  it.each([
    ['iam:ListAccountAliases', 'the account’s alias', 1],
    ['organizations:DescribeOrganization', 'the account’s organization', 1],
    ['organizations:ListTagsForResource', 'the account’s tags', 1],
    ['organizations:ListParents', 'the account’s place in its organization', 1],
    ['organizations:DescribeOrganizationalUnit', 'the name of unit ou-7xq2-8t4w2p6z', 2],
  ])('%s denied becomes a sentence, and the rest stands', async (operation, what, sentences) => {
    const { profile } = await read({ fault: denied(operation) })
    expect(profile.incomplete).toHaveLength(sentences)
    expect(profile.incomplete[0]).toBe(`${what} could not be read: ${operation} is denied`)
    expect(profile.name?.untrusted).toBe('acme-web')
  })

  it.each([
    ['iam:ListAccountAliases', 'the account’s alias'],
    ['organizations:ListTagsForResource', 'the account’s tags'],
    ['organizations:ListParents', 'the account’s place in its organization'],
  ])('a list of %s that was not read to its end becomes a sentence, and what was read stands', async (operation, what) => {
    const { profile } = await read({ fault: unending(operation) })
    expect(profile.incomplete).toEqual([`${what} could not be read to the end: the service repeated a page token`])
    expect(profile.alias?.untrusted).toBe('acme-web')
    expect(profile.path).toHaveLength(3)
    expect(new Set(profile.tags.map(({ key }) => key.untrusted))).toEqual(new Set(['Environment', 'Owner', 'DataClass']))
  })

  it('a unit without a readable name keeps its id on the way', async () => {
    const { profile } = await read({ fault: denied('organizations:DescribeOrganizationalUnit') })
    expect(profile.path.map(({ id }) => id)).toEqual(['r-7xq2', 'ou-7xq2-5h1m9k3d', 'ou-7xq2-8t4w2p6z'])
  })

  it('an account that its organization does not know is a sentence', async () => {
    const { profile } = await read({ change: (organization) => ({ ...organization, accounts: new Map() }) })
    expect(profile.incomplete).toEqual([
      expect.stringContaining('organizations:DescribeAccount answers AccountNotFoundException'),
    ])
  })

  it('a way that goes in a circle ends', async () => {
    const unit = 'ou-7xq2-8t4w2p6z'
    const { profile, asked } = await read({
      change: ({ units, ...organization }) => ({
        ...organization,
        units: new Map([...units, [unit, { id: unit, name: 'Production', parentId: unit }]]),
      }),
    })
    expect(profile.incomplete).toEqual([expect.stringContaining('goes in a circle')])
    expect(asked.filter((call) => call === 'organizations:ListParents')).toHaveLength(2)
  })
})

it('Organizations is asked in us-east-1, wherever the incident is', async () => {
  const hosts: string[] = []
  const { iam, organizations } = await askedAccount({
    fault: answers('organizations:DescribeOrganization', async (_, next) => next()),
  })
  const client = await organizations()
  client.middlewareStack.add(
    (next) => (args) => {
      hosts.push((args as { request: { hostname: string } }).request.hostname)
      return next(args)
    },
    { step: 'finalizeRequest', priority: 'low' },
  )
  await readAccountProfile({ accountId: ACCOUNT_ID, iam, organizations: async () => client })
  expect(new Set(hosts)).toEqual(new Set(['organizations.us-east-1.amazonaws.com']))
})
