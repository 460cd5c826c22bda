import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2'
import { GetUserCommand, IAMClient, ListAttachedUserPoliciesCommand } from '@aws-sdk/client-iam'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import type { LeftBehind } from '../../../src/incident/activity-rows.ts'
import { rawLine } from '../../../src/incident/show.ts'
import { huntOne } from '../../../src/stages/hunt-persistence/looks.ts'
import { leftLike } from '../../support/leftovers.ts'
import { awsError, contextsOf } from '../../support/stage-context.ts'

const iam = mockClient(IAMClient)
const ec2 = mockClient(EC2Client)
const { contextLike } = contextsOf({ iam: IAMClient, ec2: EC2Client })

beforeEach(() => {
  iam.reset()
  ec2.reset()
})

const seen = async (parts: Partial<LeftBehind> = {}): Promise<string> => {
  const { standing, says } = await huntOne(leftLike(parts), '111122223333', contextLike())
  return `${standing}: ${rawLine(says)}`
}

const made = (at: string) => iam.on(GetUserCommand).resolves({ User: { UserName: 'eve', CreateDate: new Date(at) } as never })

describe('a leftover', () => {
  it('is there when the thing of its name was made when the record says', async () => {
    made('2026-11-25T01:30:01Z')
    expect(await seen()).toBe('there: user is there, made 2026-11-25T01:30:01Z')
  })

  it('is another one when it was made at another time', async () => {
    made('2026-11-25T05:00:00Z')
    expect(await seen()).toBe('changed: another user of that name is there, made 2026-11-25T05:00:00Z')
  })

  it('is gone when the service knows no such thing', async () => {
    iam.on(GetUserCommand).rejects(awsError('NoSuchEntityException', 404))
    expect(await seen()).toBe('gone: iam:GetUser answers NoSuchEntityException')
  })

  it.each<[string, Partial<LeftBehind>, string]>([
    [
      'of a service that is not asked',
      { eventSource: 'lambda.amazonaws.com', eventName: 'CreateFunction20150331' },
      'does not ask lambda',
    ],
    ['of another account', { accountId: '444455556666' }, 'it is in account 444455556666'],
    ['without the name that is asked by', { names: {} }, 'does not name it'],
    ['of no Region that there is', { region: 'eu-west-1;id' }, 'names no Region'],
  ])('is not known, and nothing is asked: %s', async (_, parts, says) => {
    expect(await seen(parts)).toMatch(new RegExp(`^unknown: .*${says}`))
    expect(iam.calls()).toEqual([])
  })

  it('is not known when the service finds fault with the question', async () => {
    iam.on(GetUserCommand).rejects(awsError('ValidationError', 400))
    expect(await seen()).toBe('unknown: iam:GetUser answers ValidationError')
  })

  it('is looked for again later when the service does not answer', async () => {
    iam.on(GetUserCommand).rejects(awsError('ServiceUnavailable', 503))
    await expect(seen()).rejects.toThrow('ServiceUnavailable')
  })

  it('is not known when the list that should have it was not read to its end', async () => {
    iam.on(ListAttachedUserPoliciesCommand).resolves({ AttachedPolicies: [], IsTruncated: true, Marker: 'again' })
    const parts = { eventName: 'AttachUserPolicy', names: { user: ['eve'], policyArn: ['arn:aws:iam::aws:policy/P'] } }
    expect(await seen(parts)).toMatch(/^unknown: the list was not read to its end/)
  })

  it('of several instances is there in part when some have ended', async () => {
    const states = ['running', 'terminated'] as const
    const Instances = states.map((Name) => ({ State: { Name } }))
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [{ Instances }] })
    const names = { instances: ['i-0aaaaaaaaaaaaaaaa', 'i-0bbbbbbbbbbbbbbbb'] }
    expect(await seen({ eventSource: 'ec2.amazonaws.com', eventName: 'RunInstances', names })).toBe(
      'changed: EC2 shows running, terminated',
    )
  })
})
