import { DescribeImageAttributeCommand, DescribeInstancesCommand, DescribeKeyPairsCommand, EC2Client } from '@aws-sdk/client-ec2'
import {
  type AccessKeyMetadata,
  GetUserCommand,
  GetUserPolicyCommand,
  IAMClient,
  ListAttachedUserPoliciesCommand,
} from '@aws-sdk/client-iam'
import { beforeEach, describe, expect, it } from 'vitest'
import { findCall } from '../../../src/aws/calls.ts'
import type { Pages } from '../../../src/aws/pager.ts'
import type { PersistenceArtefact } from '../../../src/incident/facts/activity-rows.ts'
import type { Instant } from '../../../src/incident/values/instant.ts'
import { rawLine } from '../../../src/incident/values/show.ts'
import type { KeyLists } from '../../../src/investigation/persistence/access-keys.ts'
import { examineArtefact } from '../../../src/investigation/persistence/examine-artefact.ts'
import { placeholdersOf } from '../../../src/investigation/persistence/placeholders.ts'
import { PERSISTENCE_RULES } from '../../../src/investigation/persistence/rules.ts'
import { artefactLike } from '../../support/artefacts.ts'
import { mockClient } from '../../support/mock-client.ts'
import { awsError, contextsOf } from '../../support/stage-context.ts'

const iam = mockClient(IAMClient)
const ec2 = mockClient(EC2Client)
const { contextLike } = contextsOf({ iam: IAMClient, ec2: EC2Client })

beforeEach(() => {
  iam.reset()
  ec2.reset()
})

const examine = (artefact: PersistenceArtefact, keys: KeyLists = new Map()) => {
  const { aws, now } = contextLike()
  return examineArtefact(artefact, { accountId: '111122223333', keys, aws, now })
}

const seen = async (parts: Partial<PersistenceArtefact> = {}): Promise<string> => {
  const { standing, observed } = await examine(artefactLike(parts))
  return `${standing}: ${rawLine(observed)}`
}

const made = (at: string) => iam.on(GetUserCommand).resolves({ User: { UserName: 'eve', CreateDate: new Date(at) } as never })

describe('a persistence artefact', () => {
  it('is there when the thing of its name was made when the record says', async () => {
    made('2026-11-25T01:30:01Z')
    expect(await seen()).toBe('there: user is there, created 2026-11-25T01:30:01Z')
  })

  it('is looked for in the sovereign cloud too', async () => {
    made('2026-11-25T01:30:01Z')
    expect(await seen({ region: 'eusc-de-east-1' })).toMatch(/^there: /)
  })

  it('is there when the last of several equal events made it', async () => {
    made('2026-11-25T05:00:00Z')
    expect(await seen({ times: { count: 2, last: '2026-11-25T04:59:59Z' as Instant } })).toBe(
      'there: user is there, created 2026-11-25T05:00:00Z',
    )
  })

  it('is another one when it was made at another time', async () => {
    made('2026-11-25T05:00:00Z')
    expect(await seen()).toBe('changed: another user of that name is there, created 2026-11-25T05:00:00Z')
  })

  it('is gone when the service knows no such thing', async () => {
    iam.on(GetUserCommand).rejects(awsError('NoSuchEntityException', 404))
    expect(await seen()).toBe('gone: iam:GetUser answers NoSuchEntityException')
  })

  it.each<[string, Partial<PersistenceArtefact>, string]>([
    [
      'of a service that is not asked',
      { eventSource: 'lambda.amazonaws.com', eventName: 'CreateFunction20150331' },
      'no live look for lambda:CreateFunction',
    ],
    ['of another account', { accountId: '444455556666' }, 'it is in account 444455556666'],
    ['without the name that is asked by', { names: {} }, 'does not name it'],
    ['of no Region that there is', { region: 'eu-west-1;id' }, 'does not name an AWS Region'],
  ])('is not known, and nothing is asked: %s', async (_, parts, says) => {
    expect(await seen(parts)).toMatch(new RegExp(`^unknown: .*${says}`))
    expect(iam.calls()).toEqual([])
  })

  it('is not known when the service finds fault with the question', async () => {
    iam.on(GetUserCommand).rejects(awsError('ValidationError', 400))
    expect(await seen()).toBe('unknown: iam:GetUser answers ValidationError')
  })

  it('is not known when the service does not answer', async () => {
    iam.on(GetUserCommand).rejects(awsError('ServiceUnavailable', 503))
    expect(await seen()).toBe('unknown: iam:GetUser gets no answer')
  })

  it('the end of the responder’s own session is thrown', async () => {
    iam.on(GetUserCommand).rejects(awsError('ExpiredToken', 403))
    await expect(seen()).rejects.toThrow('ExpiredToken')
  })

  it('is not known when the list that should have it was not read to its end', async () => {
    iam.on(ListAttachedUserPoliciesCommand).resolves({ AttachedPolicies: [], IsTruncated: true, Marker: 'again' })
    const parts = { eventName: 'AttachUserPolicy', names: { user: ['eve'], policyArn: ['arn:aws:iam::aws:policy/P'] } }
    expect(await seen(parts)).toMatch(/^unknown: the list could not be read to its end/)
  })

  it('a persistence artefact of several instances is changed when some have ended', async () => {
    const states = ['running', 'terminated'] as const
    const Instances = states.map((Name) => ({ State: { Name } }))
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances }] })
    const names = { instances: ['i-0aaaaaaaaaaaaaaaa', 'i-0bbbbbbbbbbbbbbbb'] }
    expect(await seen({ eventSource: 'ec2.amazonaws.com', eventName: 'RunInstances', names })).toBe(
      'changed: EC2 shows running, terminated',
    )
  })
})

describe('a key', () => {
  const names = { user: ['eve'], accessKey: ['AKIAEVEEVEEVEEVEEVE0'] }
  const artefact = artefactLike({ eventName: 'CreateAccessKey', names })
  const listedAt = '2026-11-25T11:58:00Z' as Instant
  const examineKey = (list?: { readonly keys: Pages<AccessKeyMetadata> } | { readonly refusal: unknown }) => {
    const keys: KeyLists = new Map(list ? [['eve', { at: listedAt, ...list }]] : [])
    return examine(artefact, keys)
  }

  it('was looked at when the keys of its user were listed', async () => {
    expect(await examineKey({ keys: { items: [] } })).toMatchObject({ standing: 'gone', at: listedAt })
  })

  it('is not known when the keys of its user may not be listed, or were not to their end', async () => {
    const denied = await examineKey({ refusal: awsError('AccessDenied', 403) })
    expect([denied.standing, rawLine(denied.observed)]).toEqual(['unknown', 'iam:ListAccessKeys is denied'])
    expect((await examineKey({ keys: { items: [], incomplete: 'stopped after 400 pages' } })).standing).toBe('unknown')
    expect((await examineKey()).standing).toBe('unknown')
  })

  it('is gone with its user', async () => {
    expect((await examineKey({ refusal: awsError('NoSuchEntityException', 404) })).standing).toBe('gone')
  })
})

describe('an answer without what it is for', () => {
  // EC2 omits an empty list.
  const iamGets = [...PERSISTENCE_RULES].filter(([, { look }]) => look && /^iam:Get/.test(look.action))
  const names = new Proxy({}, { get: (_, word) => (typeof word === 'string' ? [`the-${word}`] : undefined) })
  it.each(iamGets.map(([event]) => event))('shows nothing: %s', async (event) => {
    iam.onAnyCommand().resolves({})
    const said = await seen({ eventName: event.slice(event.indexOf(':') + 1), names })
    if (/^iam:(?:Put|Delete)\w+Policy$|SAMLProvider|CreateOpenIDConnectProvider/.test(event))
      expect(said).toMatch(/^(?:there|gone): /)
    else expect(said).toMatch(/^unknown: /)
  })
})

describe('something of the artefact’s name', () => {
  it('is another one when it was created later', async () => {
    ec2.on(DescribeKeyPairsCommand).resolves({ KeyPairs: [{ KeyName: 'k', CreateTime: new Date('2026-11-25T09:00:00Z') }] })
    const said = await seen({ eventSource: 'ec2.amazonaws.com', eventName: 'CreateKeyPair', names: { keyPair: ['k'] } })
    expect(said).toMatch(/^changed: another key pair of that name/)
  })
})

describe('what a call left of several', () => {
  it('is not gone when the call named more than were looked at', async () => {
    const Instances = [{ State: { Name: 'terminated' as const } }]
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances }] })
    const instances = Array.from({ length: 200 }, (_, index) => `i-${String(index).padStart(17, '0')}`)
    expect(await seen({ eventSource: 'ec2.amazonaws.com', eventName: 'RunInstances', names: { instances } })).toMatch(
      /^unknown: /,
    )
  })

  it('is shared with an organization, too', async () => {
    const LaunchPermissions = [{ OrganizationArn: 'arn:aws:organizations::999988887777:organization/o-abcdefghij' }]
    ec2.on(DescribeImageAttributeCommand).resolves({ LaunchPermissions })
    const names = { image: ['ami-0123456789abcdef0'] }
    expect(await seen({ eventSource: 'ec2.amazonaws.com', eventName: 'ModifyImageAttribute', names })).toBe(
      'changed: it is shared with 1',
    )
  })
})

describe('a policy that was taken away', () => {
  const parts = { eventName: 'DeleteUserPolicy', names: { user: ['eve'], policyName: ['p'] } }
  beforeEach(() => void iam.on(GetUserPolicyCommand).rejects(awsError('NoSuchEntityException', 404)))

  it('is still missing while the user is there', async () => {
    iam.on(ListAttachedUserPoliciesCommand).resolves({ AttachedPolicies: [] })
    expect(await seen(parts)).toBe('there: there is still no policy of that name')
  })

  it('is gone with the user', async () => {
    iam.on(ListAttachedUserPoliciesCommand).rejects(awsError('NoSuchEntityException', 404))
    expect(await seen(parts)).toMatch(/^gone: /)
  })
})

describe('every live look', () => {
  const looks = [...PERSISTENCE_RULES].flatMap(([event, { look }]) => (look ? [[event, look] as const] : []))
  it.each(looks)('the live look for %s makes a read that the table of API calls has for the hunt', (_, { action }) => {
    const [service = '', operation = ''] = action.split(':')
    expect(findCall(service, operation)).toMatchObject({ access: 'read', stages: expect.arrayContaining(['hunt-persistence']) })
  })

  it.each(looks)('the live look for %s needs only names that its rule keeps', (event, { needs }) => {
    const { left = '', remedy = [] } = PERSISTENCE_RULES.get(event) ?? {}
    const kept = [left, ...[remedy].flat()].flatMap(placeholdersOf)
    expect(needs.filter((word) => !kept.includes(word))).toEqual([])
  })
})
