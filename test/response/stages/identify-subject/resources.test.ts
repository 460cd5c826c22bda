import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2'
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { namedPrincipal } from '../../../../src/response/stages/identify-subject/principal.ts'
import { findInstance, readRole } from '../../../../src/response/stages/identify-subject/resources.ts'
import { findingLike } from '../../../support/findings.ts'
import { awsError, contextsOf } from '../../../support/stage-context.ts'

const ec2 = mockClient(EC2Client)
const iam = mockClient(IAMClient)
const cloudtrail = mockClient(CloudTrailClient)
const { contextLike } = contextsOf({ ec2: EC2Client, iam: IAMClient, cloudtrail: CloudTrailClient })
const finding = findingLike()
const InstanceId = 'i-08faaaafb15777f5a'

beforeEach(() => {
  ec2.reset()
  iam.reset()
})

const role = (parts: object = {}) => ({
  Role: {
    RoleName: 'web-app',
    RoleId: 'AROAXCSEC6TNB2WZPQ7LK',
    Arn: 'arn:aws:iam::111122223333:role/service/web-app',
    Path: '/service/',
    CreateDate: new Date('2025-10-01T00:00:00Z'),
    ...parts,
  } as never,
})

const readIt = async () => {
  const principal = namedPrincipal(finding)
  if ('status' in principal) throw new Error(principal.why)
  if (principal.kind !== 'role-session') throw new Error('no role session')
  return readRole(finding, principal, contextLike())
}

describe('the role', () => {
  it('is read with its path, its tags and its description', async () => {
    iam.on(GetRoleCommand).resolves(
      role({
        Description: 'x',
        Tags: [
          { Key: 'team', Value: 'web' },
          { Key: 'empty', Value: '' },
        ],
      }),
    )
    expect(await readIt()).toEqual({
      name: 'web-app',
      id: 'AROAXCSEC6TNB2WZPQ7LK',
      arn: 'arn:aws:iam::111122223333:role/service/web-app',
      path: '/service/',
      createdAt: '2025-10-01T00:00:00Z',
      description: { untrusted: 'x' },
      tags: [
        { key: { untrusted: 'team' }, value: { untrusted: 'web' } },
        { key: { untrusted: 'empty' }, value: { untrusted: '' } },
      ],
    })
  })

  it('is another role, created again under the name, when its id differs', async () => {
    iam.on(GetRoleCommand).resolves(role({ RoleId: 'AROAANOTHER0000000001' }))
    const refused = await readIt()
    expect(refused).toMatchObject({ status: 'blocked', why: expect.stringContaining('now has the id AROAANOTHER0000000001') })
  })

  it('stops the run when it does not exist', async () => {
    iam.on(GetRoleCommand).rejects(awsError('NoSuchEntityException', 404))
    expect(await readIt()).toMatchObject({ status: 'blocked', why: 'role web-app does not exist in this account' })
  })

  it.each([
    ['may not be read', () => iam.on(GetRoleCommand).rejects(awsError('AccessDenied', 403)), 'iam:GetRole is denied'],
    ['is answered without an id', () => iam.on(GetRoleCommand).resolves({ Role: undefined as never }), 'iam:GetRole answers'],
    ['gets no answer', () => iam.on(GetRoleCommand).rejects(awsError('InternalFailure', 500)), 'iam:GetRole gets no answer'],
  ])('is what the finding names where it %s: the deny needs no more', async (_, answer, why) => {
    answer()
    expect(await readIt()).toMatchObject({
      name: 'web-app',
      id: 'AROAXCSEC6TNB2WZPQ7LK',
      arn: 'arn:aws:iam::111122223333:role/web-app',
      unread: expect.stringContaining(why),
    })
  })
})

describe('the instance', () => {
  const answer = (state: string, id = InstanceId) => ({
    Reservations: [{ Instances: [{ InstanceId: id, State: { Name: state as never } }] }],
  })
  const find = (regions: readonly string[] = ['us-east-1']) => findInstance(InstanceId, finding, contextLike({ regions }))

  it('is looked for in the finding’s Region first', async () => {
    ec2.on(DescribeInstancesCommand).resolves(answer('running'))
    expect(await find()).toMatchObject({ region: 'us-east-1', instance: { InstanceId } })
  })

  it('is looked for in the other Regions after that', async () => {
    ec2.on(DescribeInstancesCommand).rejectsOnce(awsError('InvalidInstanceID.NotFound')).resolvesOnce(answer('stopped'))
    expect(await find(['eu-central-1'])).toMatchObject({ region: 'eu-central-1' })
  })

  it('is found as terminated where EC2 shows it so and no Region shows it alive', async () => {
    ec2.on(DescribeInstancesCommand).resolves(answer('terminated'))
    expect(await find(['us-east-1', 'eu-central-1'])).toMatchObject({ region: 'us-east-1', instance: { InstanceId } })
  })

  it('is the one that another Region shows alive, before one that is terminated here', async () => {
    ec2.on(DescribeInstancesCommand).resolvesOnce(answer('terminated')).resolvesOnce(answer('running'))
    expect(await find(['us-east-1', 'eu-central-1'])).toMatchObject({ region: 'eu-central-1' })
  })

  it('is missing when EC2 does not show it, with who terminated it according to CloudTrail', async () => {
    ec2.on(DescribeInstancesCommand).resolves({ Reservations: [] })
    cloudtrail.on(LookupEventsCommand).resolves({
      Events: [
        {
          CloudTrailEvent: JSON.stringify({
            eventTime: '2026-11-25T01:00:00Z',
            eventName: 'TerminateInstances',
            eventSource: 'ec2.amazonaws.com',
            userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/eve', userName: 'eve' },
          }),
        },
      ],
    })
    const seen = await find(['us-east-1', 'eu-central-1'])
    expect(seen).toMatchObject({
      missing: expect.stringMatching(
        `^EC2 does not show instance ${InstanceId} in us-east-1, eu-central-1: CloudTrail shows that .*eve terminated it at 2026-11-25T01:00:00Z$`,
      ),
    })
  })

  it('is not another instance of the answer', async () => {
    ec2.on(DescribeInstancesCommand).resolves(answer('running', 'i-0aa1b2c3d4e5f6071'))
    cloudtrail.on(LookupEventsCommand).resolves({ Events: [] })
    expect(await find()).toMatchObject({ missing: expect.stringContaining(`EC2 does not show instance ${InstanceId}`) })
  })

  it('that may not be described is not known, and not "gone"', async () => {
    ec2.on(DescribeInstancesCommand).rejects(awsError('UnauthorizedOperation', 403))
    expect(await find()).toMatchObject({ missing: 'ec2:DescribeInstances in us-east-1 is not known: it is denied' })
  })
})
