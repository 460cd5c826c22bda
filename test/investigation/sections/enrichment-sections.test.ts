import { describe, expect, it } from 'vitest'
import type { AccountProfile } from '../../../src/incident/facts/account-profile.ts'
import type { ApiRow } from '../../../src/incident/facts/activity-rows.ts'
import type { RoleProfile, UserProfile } from '../../../src/incident/facts/role-profile.ts'
import { asciiJson } from '../../../src/incident/values/show.ts'
import { untrusted } from '../../../src/incident/values/untrusted.ts'
import { readStatements } from '../../../src/investigation/enrichment/read-statements.ts'
import { readTrust } from '../../../src/investigation/enrichment/read-trust.ts'
import { risksIn } from '../../../src/investigation/enrichment/risks.ts'
import { accountBlocks, accountJson } from '../../../src/investigation/sections/account.ts'
import { permissionBlocks, permissionsJson } from '../../../src/investigation/sections/permissions.ts'
import { renderBlocks } from '../../../src/terminal/render-blocks.ts'
import { makeTheme } from '../../../src/terminal/theme.ts'
import { widthOf } from '../../../src/terminal/width.ts'
import { blockText } from '../../support/block-text.ts'
import { HOSTILE, isHostile } from '../../support/hostile-strings.ts'
import { at } from '../../support/sample-incident.ts'
import { ACCOUNT_ID, allow, policyOf } from '../enrichment/asked-account.ts'

const account = (text = 'web'): AccountProfile => ({
  accountId: ACCOUNT_ID,
  alias: untrusted(text),
  organization: { id: 'o-abc', managementAccountId: '999988887777' },
  name: untrusted(text),
  email: untrusted(text),
  status: untrusted('ACTIVE'),
  path: [
    { id: 'r-1', kind: 'root' },
    { id: 'ou-1', kind: 'unit', name: untrusted(text) },
    { id: 'ou-2', kind: 'unit' },
  ],
  tags: [{ key: untrusted(text), value: untrusted(text) }],
  listed: {
    accountId: ACCOUNT_ID,
    owner: untrusted(text),
    further: [{ name: untrusted(text), value: untrusted(text) }],
  },
  incomplete: [],
})

const statements = (...given: readonly object[]) => readStatements(policyOf(...given)) ?? []

const role = (text = 'web', more: Partial<RoleProfile> = {}): RoleProfile => {
  const own = statements(allow(['s3:Get*', text]), { Effect: 'Deny', Action: 'iam:*', Resource: '*' }, allow('sts:AssumeRole'))
  const policies = [{ kind: 'inline' as const, use: 'permissions' as const, name: untrusted(text), statements: own }]
  return {
    kind: 'role',
    found: 'found',
    name: 'web-app',
    id: 'AROAXCSEC6TNB2WZPQ7LK',
    path: '/service/',
    createdAt: at('01:00:00'),
    description: untrusted(text),
    maxSessionDuration: 5_400,
    tags: [{ key: untrusted(text), value: untrusted(text) }],
    trust: readTrust(policyOf({ Effect: 'Allow', Principal: { AWS: [text, '444455556666'] }, Action: text }), ACCOUNT_ID) ?? [],
    policies,
    risks: risksIn(policies),
    lastUsed: { at: at('02:00:00'), region: untrusted(text) },
    incomplete: [],
    ...more,
  }
}

const user = (text = 'carol'): UserProfile => ({
  kind: 'user',
  found: 'found',
  name: 'carol',
  tags: [],
  policies: [
    { kind: 'AWS managed', use: 'boundary', name: untrusted(text), group: untrusted(text), statements: [], unread: 'why' },
  ],
  risks: [],
  groups: [untrusted(text)],
  keys: [{ accessKeyId: 'AKIAXXXXXXXXXXXXXXXX', status: 'Active', lastUsed: { at: at('02:00:00'), service: untrusted(text) } }],
  mfa: [],
  consolePassword: true,
  incomplete: [],
})

const api = (name: string, succeeded: number, failed: number): ApiRow => {
  const [service = '', method = ''] = name.split(':')
  return { eventSource: `${service}.amazonaws.com`, service, api: method, succeeded, failed }
}
const apis = [api('s3:GetObject', 3, 0), api('kms:Decrypt', 1, 0), api('iam:CreateUser', 0, 2), api('ec2:RunInstances', 0, 1)]

const lines = (blocks: Parameters<typeof renderBlocks>[0]) =>
  renderBlocks(blocks, { width: 80, indent: 1, theme: makeTheme(false), viewpoint: {} })

describe('the section of the account', () => {
  it('each line names its witness', () => {
    const said = blockText(accountBlocks(account()))
    expect(said).toMatch(/account.*alias web \(IAM\)/)
    expect(said).toMatch(/lies in.*Root \/ web \/ ou-2 \(AWS Organizations\)/)
    expect(said).toMatch(/tags.*web=web \(AWS Organizations\)/)
    expect(said).toMatch(/your file.*owner web, web web/)
  })

  it('what nobody told is not there, and null in JSON', () => {
    const bare: AccountProfile = { accountId: ACCOUNT_ID, path: [], tags: [], incomplete: ['why'] }
    expect(blockText(accountBlocks(bare)).trim()).toMatch(/^account\S*\s*111122223333$/)
    expect(accountJson(bare)).toEqual({
      accountId: ACCOUNT_ID,
      alias: null,
      name: null,
      email: null,
      status: null,
      joinedAt: null,
      organization: null,
      path: [],
      tags: [],
      listed: null,
      incomplete: ['why'],
    })
  })
})

describe('the section of the permissions', () => {
  const said = blockText(permissionBlocks(role(), apis))

  it('sets what was used against what is allowed, and says why the rest was refused', () => {
    expect(said).toMatch(/used.*1 of 3 allowed patterns: s3:Get\*/)
    expect(said).toMatch(/never used.*2 of 3 allowed patterns: sts \(1\), web \(1\)/)
    expect(said).toMatch(/not by these.*kms:Decrypt/)
    expect(said).toMatch(/iam:CreateUser: an explicit Deny forbids it/)
    expect(said).toMatch(/ec2:RunInstances: no policy allows it/)
  })

  it('warns of outsiders and of far-reaching permissions, with the rule', () => {
    expect(said).toMatch(/may be taken from outside of its account/)
    expect(said).toMatch(/takes any role: sts:AssumeRole in web/)
    expect(said).toMatch(/Called far-reaching are/)
    const inside = readTrust(
      policyOf({ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }),
      ACCOUNT_ID,
    )
    expect(blockText(permissionBlocks(role('web', { trust: inside ?? [] }), apis))).not.toMatch(/outside/)
  })

  it('says of a role that is gone that nothing is known', () => {
    const gone = role('web', { found: 'gone', policies: [], trust: [] })
    expect(blockText(permissionBlocks(gone, apis))).toBe('IAM has no role web-app any more: its permissions are not known.')
  })

  it('does not say "no policy allows it" without saying that policies are unread', () => {
    const [policy] = role().policies
    const unread = role('web', { policies: policy ? [{ ...policy, statements: [], unread: 'it could not be read' }] : [] })
    expect(blockText(permissionBlocks(unread, apis))).toMatch(/Not all policies could be read/)
  })

  it('claims nothing of a boundary that could not be read', () => {
    const [policy] = role().policies
    const boundary = { kind: 'customer managed', use: 'boundary', name: untrusted('b'), statements: [], unread: 'why' } as const
    const limited = role('web', { policies: policy ? [policy, boundary] : [] })
    expect(blockText(permissionBlocks(limited, [api('s3:GetObject', 0, 1)]))).not.toMatch(/the boundary does not allow it/)
    const read = { ...boundary, statements: statements(allow('ec2:*')) }
    const { unread: _, ...known } = read
    expect(
      blockText(permissionBlocks(role('web', { policies: policy ? [policy, known] : [] }), [api('s3:GetObject', 0, 1)])),
    ).toMatch(/s3:GetObject: the boundary does not allow it/)
  })

  it('shows the keys of a user', () => {
    const text = blockText(permissionBlocks(user(), apis))
    expect(text).toMatch(/AKIAXXXXXXXXXXXXXXXX, Active, last used 2026-11-25T02:00:00Z, carol \(IAM/)
    expect(text).toMatch(/console.*has a password/)
    expect(text).toMatch(/MFA.*no device/)
  })

  it('JSON has everything, texts raw, and what was used', () => {
    const json = JSON.parse(asciiJson(permissionsJson(role(), apis)))
    expect(json).toMatchObject({ kind: 'role', description: 'web', maxSessionDuration: 5400, lastUsed: { region: 'web' } })
    expect(json.policies[0].statements[0].actions).toEqual(['s3:Get*', 'web'])
    expect(json.used.refused).toEqual([
      { action: 'ec2:RunInstances', by: 'no grant' },
      { action: 'iam:CreateUser', by: 'deny' },
    ])
    expect(asciiJson([permissionsJson(role(), apis), permissionsJson(user(), apis), accountJson(account())])).not.toContain(
      '"untrusted"',
    )
  })
})

describe.each(Object.entries(HOSTILE))('%s for every text that somebody may have chosen', (_, payload) => {
  it('the blocks stay harmless and within 80 columns', () => {
    const shown = lines([
      ...accountBlocks(account(payload)),
      ...permissionBlocks(role(payload), [...apis, api(`s3:${payload}`, 1, 0)]),
      ...permissionBlocks(user(payload), apis),
    ])
    expect(shown.some((line) => isHostile(line) || line.includes('\n'))).toBe(false)
    expect(Math.max(...shown.map(widthOf))).toBeLessThanOrEqual(80)
  })
})
