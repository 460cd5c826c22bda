import { describe, expect, it, test } from 'vitest'
import { findCall } from '../../../src/aws/calls.ts'
import type { Organization } from '../../../src/simulator/account/organization.ts'
import { issueSession } from '../../../src/simulator/issue-credentials.ts'
import { organizationWith } from '../../../src/simulator/scenario-kit/organization.ts'
import { organizations } from '../../../src/simulator/services/organizations.ts'
import { serviceLoader } from '../../../src/simulator/wire/services.ts'
import { allowing, messageOf, outcomeOf, roleLike, START, testAccount } from '../../support/account.ts'

const ID = '111122223333'
const PRODUCTION = 'ou-7xq2-8t4w2p6z'

const inOrganization = (change: (organization: Organization) => Organization = (same) => same) => {
  const made = testAccount()
  Object.assign(made.account, { organization: change(organizationWith({ accountId: ID, alias: 'acme-web' }, START)) })
  return made
}

const asMember = () => inOrganization((organization) => ({ ...organization, delegatedAdministrators: [] }))

const READS = [
  ['DescribeAccount', { AccountId: ID }],
  ['DescribeOrganizationalUnit', { OrganizationalUnitId: PRODUCTION }],
  ['ListParents', { ChildId: ID }],
  ['ListTagsForResource', { ResourceId: ID }],
] as const

/** What the management account does by hand; ir-cred makes none of these calls. */
const BY_HAND = ['AttachPolicy', 'CreatePolicy']

test('exactly the operations that the wire can read are served, and all but those by hand are known to the table of calls as reads', async () => {
  const { operations } = await serviceLoader()('organizations')
  expect(Object.keys(organizations).sort()).toEqual([...operations.keys()].sort())
  for (const name of operations.keys())
    expect(findCall('organizations', name)?.access).toBe(BY_HAND.includes(name) ? undefined : 'read')
})

describe('a delegated administrator', () => {
  it('reads an account with its e-mail, state and tags', () => {
    const { send } = inOrganization()
    expect(send('organizations', 'DescribeAccount', { AccountId: ID })).toMatchObject({
      Account: {
        Id: ID,
        Arn: `arn:aws:organizations::999988887777:account/o-h3k8n2v5qa/${ID}`,
        Name: 'acme-web',
        Status: 'ACTIVE',
        State: 'ACTIVE',
      },
    })
    expect(send('organizations', 'ListTagsForResource', { ResourceId: ID })).toMatchObject({
      Tags: expect.arrayContaining([{ Key: 'Owner', Value: 'web-team' }]),
    })
  })

  it('walks from the account up to the root', () => {
    const { send } = inOrganization()
    const ids: string[] = []
    for (let ChildId = ID; !ChildId.startsWith('r-'); ) {
      const { Parents } = send<{ Parents: [{ Id: string; Type: string }] }>('organizations', 'ListParents', { ChildId })
      expect(Parents).toHaveLength(1)
      ChildId = Parents[0].Id
      ids.push(ChildId)
    }
    expect(ids).toEqual([PRODUCTION, 'ou-7xq2-5h1m9k3d', 'r-7xq2'])
    expect(send('organizations', 'DescribeOrganizationalUnit', { OrganizationalUnitId: PRODUCTION })).toMatchObject({
      OrganizationalUnit: { Name: 'Production' },
    })
  })

  it.each([
    ['DescribeAccount', { AccountId: '444455556666' }, 'AccountNotFoundException 400'],
    ['DescribeOrganizationalUnit', { OrganizationalUnitId: 'ou-7xq2-00000000' }, 'OrganizationalUnitNotFoundException 400'],
    ['DescribeOrganizationalUnit', { OrganizationalUnitId: 'r-7xq2' }, 'OrganizationalUnitNotFoundException 400'],
    ['ListParents', { ChildId: '444455556666' }, 'ChildNotFoundException 400'],
    ['ListTagsForResource', { ResourceId: '444455556666' }, 'TargetNotFoundException 400'],
  ])('hears of %s %j that it is not there', (operation, input, outcome) => {
    const { send } = inOrganization()
    expect(outcomeOf(() => send('organizations', operation, input))).toBe(outcome)
  })
})

describe('a member that administers nothing', () => {
  it('may know its organization', () => {
    expect(asMember().send('organizations', 'DescribeOrganization')).toMatchObject({
      Organization: { Id: 'o-h3k8n2v5qa', MasterAccountId: '999988887777' },
    })
  })

  it.each(READS)('may not %s', (operation, input) => {
    const { send } = asMember()
    expect(outcomeOf(() => send('organizations', operation, input))).toBe('AccessDeniedException 400')
    expect(messageOf(() => send('organizations', operation, input))).toBe("You don't have permissions to access this resource.")
  })
})

describe('an account without an organization', () => {
  it.each([['DescribeOrganization', {}] as const, ...READS])('%s says so', (operation, input) => {
    const { send } = testAccount()
    expect(outcomeOf(() => send('organizations', operation, input))).toBe('AWSOrganizationsNotInUseException 400')
  })
})

it('IAM is asked first, by the resource’s ARN where there is one', () => {
  const made = inOrganization()
  const role = roleLike({
    name: 'limited',
    inline: new Map([
      [
        'one',
        {
          document: allowing('organizations:DescribeAccount').replace(
            '"Resource":"*"',
            `"Resource":"arn:aws:organizations::999988887777:account/o-h3k8n2v5qa/${ID}"`,
          ),
          writtenAt: 0,
        },
      ],
    ]),
  })
  made.account.roles.set('limited', role)
  const by = issueSession(made.account, role, 'somebody', 3600)
  const ask = (operation: string, input: object) => outcomeOf(() => made.send('organizations', operation, input, by))
  expect(ask('DescribeAccount', { AccountId: ID })).toBe('ok')
  expect(ask('DescribeAccount', { AccountId: '444455556666' })).toBe('AccessDeniedException 400')
  expect(ask('ListParents', { ChildId: ID })).toBe('AccessDeniedException 400')
  expect(ask('DescribeOrganization', {})).toBe('AccessDeniedException 400')
})
