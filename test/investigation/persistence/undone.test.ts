import { describe, expect, it } from 'vitest'
import { untrusted } from '../../../src/incident/values/untrusted.ts'
import { artefactsIn } from '../../../src/investigation/persistence/artefacts.ts'
import type { CloudTrailRecord } from '../../../src/investigation/record.ts'
import { ACCOUNT, type Call, leftBy, recordOf } from '../analysis/records.ts'

describe('an artefact that the session removed', () => {
  it('names the event that removed it, and that event leaves no artefact', () => {
    const policy = { roleName: 'web-app', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }
    const left = leftBy(
      { at: '2026-03-01T12:00:00Z', event: 'iam:AttachRolePolicy', request: policy },
      { at: '2026-03-01T12:01:00Z', event: 'iam:DetachRolePolicy', request: policy, id: 'undone' },
    )
    expect(left.map(({ eventName, undoneBy }) => [eventName, undoneBy?.eventId])).toEqual([['AttachRolePolicy', 'undone']])
    expect(left[0]?.remedy).toEqual({ sentence: 'Nothing to undo: it is no longer in place.' })
  })

  it('is not one whose name was removed from another holder, or earlier', () => {
    const policyArn = 'arn:aws:iam::aws:policy/AdministratorAccess'
    const left = leftBy(
      { at: '2026-03-01T12:00:00Z', event: 'iam:AttachRolePolicy', request: { roleName: 'web-app', policyArn } },
      { at: '2026-03-01T12:01:00Z', event: 'iam:DetachRolePolicy', request: { roleName: 'other', policyArn } },
      { at: '2026-03-01T11:00:00Z', event: 'iam:DetachRolePolicy', request: { roleName: 'web-app', policyArn } },
    )
    expect(left.filter(({ eventName, undoneBy }) => eventName === 'AttachRolePolicy' && undoneBy)).toEqual([])
    expect(left).toHaveLength(3)
  })

  it.each([
    ['another Region', { region: 'us-east-1' }, undefined],
    ['another account', { more: { recipientAccountId: '999988887777' } }, undefined],
    ['the same place', {}, 'undone'],
  ])('is not one of the same name in another place: %s', (_, place, by) => {
    const request = { functionName: 'door' }
    const left = leftBy(
      { at: '2026-03-01T12:00:00Z', event: 'lambda:CreateFunction', request },
      { at: '2026-03-01T12:01:00Z', event: 'lambda:DeleteFunction', request, id: 'undone', ...place },
    )
    expect(left.map(({ undoneBy }) => undoneBy?.eventId)).toEqual([by])
  })

  it('an artefact of IAM may be removed in any Region', () => {
    const left = leftBy(
      { at: '2026-03-01T12:00:00Z', event: 'iam:CreateUser', request: { userName: 'eve' } },
      { at: '2026-03-01T12:01:00Z', event: 'iam:DeleteUser', request: { userName: 'eve' }, id: 'undone', region: 'us-east-1' },
    )
    expect(left.map(({ undoneBy }) => undoneBy?.eventId)).toEqual(['undone'])
  })
})

describe('what was given in parts, and taken back', () => {
  const snapshotId = 'snap-0123456789abcdef0'
  const share = (part: 'add' | 'remove', ...accounts: readonly string[]) => ({
    event: 'ec2:ModifySnapshotAttribute',
    request: { snapshotId, createVolumePermission: { [part]: { items: accounts.map((userId) => ({ userId })) } } },
  })

  it('is undone by the event that took the last part back', () => {
    const left = leftBy(
      { at: '2026-03-01T12:00:00Z', ...share('add', '999988887777', '999988886666') },
      { at: '2026-03-01T12:01:00Z', ...share('remove', '999988887777'), id: 'first' },
      { at: '2026-03-01T12:02:00Z', ...share('remove', '999988886666'), id: 'last' },
    )
    expect(left.map(({ undoneBy }) => undoneBy?.eventId)).toEqual(['last'])
  })

  it('is in place while a part is left, or when a part of something else was taken back', () => {
    const [left] = leftBy(
      { at: '2026-03-01T12:00:00Z', ...share('add', '999988887777', '999988886666') },
      { at: '2026-03-01T12:01:00Z', ...share('remove', '999988887777') },
      {
        at: '2026-03-01T12:02:00Z',
        event: 'ec2:ModifySnapshotAttribute',
        request: { ...share('remove', '999988886666').request, snapshotId: 'snap-0000000000000000f' },
      },
    )
    expect(left?.undoneBy).toBeUndefined()
  })

  it('values of a database snapshot, whose changes bear one name', () => {
    const of = { dBSnapshotIdentifier: 'orders', attributeName: 'restore' }
    const left = leftBy(
      { at: '2026-03-01T12:00:00Z', event: 'rds:ModifyDBSnapshotAttribute', request: { ...of, valuesToAdd: ['all'] } },
      {
        at: '2026-03-01T12:01:00Z',
        event: 'rds:ModifyDBSnapshotAttribute',
        request: { ...of, valuesToRemove: ['all'] },
        id: 'back',
      },
    )
    expect(left.map(({ undoneBy }) => undoneBy?.eventId)).toEqual(['back'])
  })

  const groupId = 'sg-0123456789abcdef0'
  const port = (fromPort: number) => ({ ipProtocol: 'tcp', fromPort, toPort: fromPort, cidrIp: '0.0.0.0/0' })
  const opening = {
    at: '2026-03-01T12:00:00Z',
    event: 'ec2:AuthorizeSecurityGroupIngress',
    request: { groupId, ...port(22) },
    response: { securityGroupRuleSet: { items: [{ securityGroupRuleId: 'sgr-0aaaaaaaaaaaaaaaa' }] } },
  }
  it.each([
    ['protocol, port and address', { groupId, ...port(22) }, 'back'],
    ['its id', { groupId, securityGroupRuleIds: { items: [{ securityGroupRuleId: 'sgr-0aaaaaaaaaaaaaaaa' }] } }, 'back'],
    ['another port', { groupId, ...port(23) }, undefined],
    ['another group', { groupId: 'sg-0ffffffffffffffff', ...port(22) }, undefined],
  ])('a rule that is revoked by %s', (_, request, by) => {
    const revoked = { at: '2026-03-01T12:05:00Z', event: 'ec2:RevokeSecurityGroupIngress', request, id: 'back' }
    expect(leftBy(opening, revoked)[0]?.undoneBy?.eventId).toBe(by)
  })
})

describe('the deletion of what something was on', () => {
  it.each([
    ['iam:CreateAccessKey', { userName: 'eve' }, 'iam:DeleteUser', { userName: 'eve' }],
    [
      'iam:AttachGroupPolicy',
      { groupName: 'ops', policyArn: 'arn:aws:iam::aws:policy/P' },
      'iam:DeleteGroup',
      { groupName: 'ops' },
    ],
    ['iam:UpdateAssumeRolePolicy', { roleName: 'door', policyDocument: '{}' }, 'iam:DeleteRole', { roleName: 'door' }],
    [
      'ec2:ModifySnapshotAttribute',
      { snapshotId: 'snap-01234567', createVolumePermission: { add: { items: [{ userId: '999988887777' }] } } },
      'ec2:DeleteSnapshot',
      { snapshotId: 'snap-01234567' },
    ],
    ['ec2:AuthorizeSecurityGroupIngress', { groupId: 'sg-01234567' }, 'ec2:DeleteSecurityGroup', { groupId: 'sg-01234567' }],
    ['s3:PutBucketPolicy', { bucketName: 'orders', bucketPolicy: {} }, 's3:DeleteBucket', { bucketName: 'orders' }],
    [
      'lambda:AddPermission20150331v2',
      { functionName: 'arn:aws:lambda:eu-west-1:111122223333:function:door', statementId: 's' },
      'lambda:DeleteFunction20150331',
      { functionName: 'door' },
    ],
  ])('undoes %s %j: %s %j', (event, request, deletion, of) => {
    const left = leftBy(
      { at: '2026-03-01T12:00:00Z', event, request },
      { at: '2026-03-01T12:05:00Z', event: deletion, request: of, id: 'gone' },
    )
    expect(left[0]?.undoneBy).toMatchObject({ eventId: 'gone', eventName: deletion.split(':')[1] })
  })

  it('undoes nothing on something else of the kind', () => {
    const left = leftBy(
      { at: '2026-03-01T12:00:00Z', event: 'iam:CreateAccessKey', request: { userName: 'eve' } },
      { at: '2026-03-01T12:05:00Z', event: 'iam:DeleteUser', request: { userName: 'adam' } },
    )
    expect(left[0]?.undoneBy).toBeUndefined()
  })
})

describe('events of anybody else', () => {
  const at = (time: string) => `2026-03-01T${time}Z`
  const byAdmin = (call: Call) => recordOf({ key: 'ASIARESPONDER0000001', role: 'responder', session: 'alice', ...call })

  it('undo what the session left, and are named; they leave no artefact themselves', () => {
    const left = artefactsIn(
      [recordOf({ at: at('12:00:00'), event: 'iam:CreateUser', request: { userName: 'eve' } })],
      [
        byAdmin({ at: at('11:00:00'), event: 'iam:DeleteUser', request: { userName: 'eve' } }),
        byAdmin({ at: at('13:00:00'), event: 'iam:DeleteUser', request: { userName: 'eve' }, id: 'cleaned' }),
        byAdmin({ at: at('13:01:00'), event: 'iam:CreateUser', request: { userName: 'adam' } }),
      ],
    )
    expect(left).toHaveLength(1)
    expect(left[0]?.undoneBy).toMatchObject({
      eventId: 'cleaned',
      by: untrusted(`arn:aws:sts::${ACCOUNT}:assumed-role/responder/alice`),
    })
  })
})

describe('thousands of events', () => {
  const EACH = 1_000
  /** A record whose request is counted when it is looked at. */
  const watched = (record: CloudTrailRecord, onLook: () => void): CloudTrailRecord => {
    const { request, ...rest } = record
    return {
      ...rest,
      get request() {
        onLook()
        return request ?? {}
      },
    }
  }
  const later = (minutes: number): string => new Date(Date.UTC(2026, 2, 1) + minutes * 60_000).toISOString().replace('.000Z', 'Z')

  it.each([
    ['of users that others bear the names of', 'iam:CreateUser', 'iam:DeleteUser', (name: string) => ({ userName: name })],
    [
      'of policies on one role',
      'iam:AttachRolePolicy',
      'iam:DetachRolePolicy',
      (name: string) => ({ roleName: 'web-app', policyArn: `arn:aws:iam::aws:policy/${name}` }),
    ],
    [
      'of one setting that stays unsafe',
      'cloudtrail:PutEventSelectors',
      'cloudtrail:PutEventSelectors',
      () => ({ trailName: 'audit', eventSelectors: [{ readWriteType: 'All', includeManagementEvents: false }] }),
    ],
  ])('do not look at one another: %s', (_, event, undo, named) => {
    let looks = 0
    const made = Array.from({ length: EACH }, (__, index) => recordOf({ at: later(index), event, request: named(`a${index}`) }))
    const undone = Array.from({ length: EACH }, (__, index) =>
      watched(recordOf({ at: later(EACH + index), event: undo, request: named(`b${index}`) }), () => {
        looks += 1
      }),
    )
    expect(artefactsIn(made, undone).filter(({ undoneBy }) => undoneBy)).toEqual([])
    expect(looks).toBeLessThan(40 * EACH)
  })
})

describe('a setting', () => {
  const selectors = (includeManagementEvents: boolean) => ({
    event: 'cloudtrail:PutEventSelectors',
    request: { trailName: 'audit', eventSelectors: [{ readWriteType: 'All', includeManagementEvents, dataResources: [] }] },
  })
  it('that is switched on again undoes the switching off', () => {
    const left = leftBy(
      { at: '2026-03-01T12:00:00Z', ...selectors(false) },
      { at: '2026-03-01T12:05:00Z', ...selectors(true), id: 'on' },
    )
    expect(left[0]?.undoneBy?.eventId).toBe('on')
  })
  it('that is switched off again undoes nothing', () => {
    const left = leftBy({ at: '2026-03-01T12:00:00Z', ...selectors(false) }, { at: '2026-03-01T12:05:00Z', ...selectors(false) })
    expect(left.filter(({ undoneBy }) => undoneBy)).toEqual([])
  })
})
