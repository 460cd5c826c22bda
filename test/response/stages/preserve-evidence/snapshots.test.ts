import { DescribeSnapshotsCommand, EC2Client } from '@aws-sdk/client-ec2'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { snapshotsOf } from '../../../../src/response/stages/preserve-evidence.ts'
import { contextsOf, incidentWith, subjectLike } from '../../../support/stage-context.ts'

const ec2 = mockClient(EC2Client)
const { contextLike } = contextsOf({ ec2: EC2Client })

beforeEach(() => void ec2.reset())

describe('the snapshots of an incident', () => {
  const found = () => snapshotsOf(incidentWith({ subject: subjectLike() }), contextLike())

  it('are those of this account with the incident’s tag, of all pages', async () => {
    ec2
      .on(DescribeSnapshotsCommand)
      .resolves({ Snapshots: [{ SnapshotId: 'snap-1', VolumeId: 'vol-1', State: 'pending' }], NextToken: 'more' })
      .on(DescribeSnapshotsCommand, { NextToken: 'more' })
      .resolves({
        Snapshots: [
          { SnapshotId: 'snap-2', VolumeId: 'vol-2', StartTime: new Date('2026-11-25T02:05:00Z') },
          { SnapshotId: 'x' },
        ],
      })
    expect(await found()).toEqual([
      { id: 'snap-1', volumeId: 'vol-1', state: 'pending' },
      { id: 'snap-2', volumeId: 'vol-2', state: 'unknown', startedAt: '2026-11-25T02:05:00Z' },
    ])
    expect(ec2).toHaveReceivedCommandWith(DescribeSnapshotsCommand, {
      OwnerIds: ['self'],
      Filters: [{ Name: 'tag:ir-cred:incident', Values: ['web-app-1125-7f3a'] }],
    })
  })

  it('are an error when they cannot be read to the end, so that no second set is taken on a guess', async () => {
    ec2.on(DescribeSnapshotsCommand).resolves({ Snapshots: [], NextToken: 'again' })
    await expect(found()).rejects.toMatchObject({ kind: 'unavailable' })
  })
})
