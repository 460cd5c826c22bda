import { describe, expect, test } from 'vitest'
import { apiCalls, enrichmentCalls } from '../../../src/aws/calls.ts'
import { closingCalls } from '../../../src/aws/closing-calls.ts'
import { furtherReads } from '../../../src/aws/further-reads.ts'
import { decide } from '../../../src/simulator/authorization/authorize.ts'
import { steppingClock } from '../../../src/simulator/clock.ts'
import { buildStandardAccount } from '../../../src/simulator/scenario-kit/standard-account.ts'
import { openAccount } from '../../../src/simulator/serve-account.ts'
import { build, SUBJECT_INSTANCE } from '../../support/scenario.ts'
import { NOW } from '../../support/trail.ts'

const origin = { sourceIp: '127.0.0.1', userAgent: 'test', region: 'us-east-1' }

const standard = buildStandardAccount({ clock: steppingClock(NOW) })

const decisionOn = (action: string, resource: string): string =>
  decide(standard.account, standard.responder, { action, resource }, origin).decision

describe('the responder', () => {
  const actions = [
    ...new Set([...apiCalls, ...furtherReads, ...closingCalls, ...enrichmentCalls].flatMap((call) => call.actions)),
  ].filter((action) => action !== 'sts:GetCallerIdentity')

  test.each(actions)('may %s', (action) => {
    expect(decisionOn(action, 'arn:aws:iam::111122223333:role/service/web-app')).toBe('allowed')
  })

  test.each(['iam:CreateUser', 'iam:AttachUserPolicy', 'ec2:TerminateInstances', 's3:GetObject'])('may not %s', (action) => {
    expect(decisionOn(action, '*')).toBe('implicitDeny')
  })

  test('cannot touch the role it works under', () => {
    expect(decisionOn('iam:PutRolePolicy', 'arn:aws:iam::111122223333:role/ir-responder')).toBe('explicitDeny')
  })
})

test('the role’s name, its path and its instance profile’s name all differ', () => {
  const [profile] = standard.account.instanceProfiles.values()
  expect(standard.role).toMatchObject({ name: 'web-app', path: '/service/' })
  expect(profile).toMatchObject({ name: 'web-app-profile', roleName: 'web-app' })
})

test('the account lies two units deep in its organization, which it may read, and role and account have tags', () => {
  const { organization, id } = standard.account
  const member = organization?.accounts.get(id)
  const way = [member?.parentId, organization?.units.get(member?.parentId ?? '')?.parentId]
  expect(way.map((unit) => organization?.units.get(unit ?? '')?.name)).toEqual(['Production', 'Workloads'])
  expect(organization?.delegatedAdministrators).toContain(id)
  expect(Object.keys(member?.tags ?? {})).toEqual(['Environment', 'Owner', 'DataClass'])
  expect(Object.keys(standard.role.tags)).toEqual(['Project', 'Owner'])
})

test('the subjectInstance has two volumes, an address of its own without an Elastic IP, and allows IMDSv1', () => {
  expect(standard.subjectInstance).toMatchObject({
    id: SUBJECT_INSTANCE,
    httpTokens: 'optional',
    rootDeviceType: 'ebs',
    publicIp: '203.0.113.25',
  })
  expect(standard.subjectInstance.volumeIds.map((id) => standard.account.volumes.get(id)?.device)).toEqual([
    '/dev/xvda',
    '/dev/sdf',
  ])
  expect([...standard.account.addresses.values()].map(({ publicIp }) => publicIp)).not.toContain(
    standard.subjectInstance.publicIp,
  )
  expect(standard.account.natGateways.size).toBe(1)
})

test('the agents of the role’s three instances are heard from the beginning on', async () => {
  const built = await build('custom-threat-list')
  const open = openAccount(built)
  const { accessKeyId, sessionToken = '' } = built.cast.responder
  const call = {
    service: 'ssm',
    operation: 'DescribeInstanceInformation',
    input: {},
    requestId: 'r',
    accessKeyId,
    sessionToken,
  } as const
  const { InstanceInformationList = [] } = (await open.answer({ ...call, ...origin })) as {
    InstanceInformationList?: { InstanceId: string; PingStatus: string }[]
  }
  expect(InstanceInformationList.map(({ PingStatus }) => PingStatus)).toEqual(['Online', 'Online', 'Online'])
  expect(InstanceInformationList.map(({ InstanceId }) => InstanceId)).toContain(SUBJECT_INSTANCE)
})
