import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../src/incident/entry.ts'
import { replay } from '../../../src/incident/incident.ts'
import { untrusted } from '../../../src/incident/values/untrusted.ts'
import { rowsOfFinding, rowsOfResponse } from '../../../src/investigation/timeline/other-rows.ts'
import { rowOfRecord } from '../../../src/investigation/timeline/record-row.ts'
import { findingLike } from '../../support/findings.ts'
import { instant, recordOf } from '../analysis/records.ts'

describe('the row of a call', () => {
  it('has what an investigator asks of it', () => {
    const record = recordOf({ event: 's3:GetObject', request: { bucketName: 'payroll', key: 'all.csv' }, id: 'e-1' })
    expect(rowOfRecord(record, 0)).toMatchObject({
      ...{ at: '2026-03-01T12:00:00Z', action: 's3:GetObject', object: 'bucket payroll/all.csv', address: '198.51.100.7' },
      ...{ userAgent: 'aws-cli/2.15.0', outcome: 'ok', region: 'eu-west-1', id: 'e-1', isRead: true, depth: 0 },
    })
  })

  it.each([
    ['iam:CreateUser', { userName: 'eve' }, 'userName eve'],
    [
      'sts:AssumeRole',
      { roleArn: 'arn:aws:iam::111122223333:role/x', roleSessionName: 's' },
      'role arn:aws:iam::111122223333:role/x',
    ],
    ['cloudtrail:StopLogging', { name: 'main' }, 'name main'],
  ])('%s names its object', (event, request, object) => {
    expect(rowOfRecord(recordOf({ event, request }), 0).object).toBe(object)
  })

  it('tells a dry run, and who refused', () => {
    expect(rowOfRecord(recordOf({ errorCode: 'Client.DryRunOperation' }), 0).outcome).toBe('dry run, would have succeeded')
    const errorMessage = 'not authorized with an explicit deny in a service control policy'
    expect(rowOfRecord(recordOf({ errorCode: 'AccessDenied', more: { errorMessage } }), 0)).toMatchObject({
      outcome: 'denied',
      refusedBy: 'explicit deny in a service control policy (SCP)',
    })
  })
})

it('a finding has a row for each moment that GuardDuty names', () => {
  const finding = findingLike({ title: untrusted('Stolen') })
  const rows = rowsOfFinding({
    ...finding,
    firstSeen: instant('2026-03-01T10:00:00Z'),
    lastSeen: instant('2026-03-01T11:00:00Z'),
    createdAt: instant('2026-03-01T12:00:00Z'),
    updatedAt: instant('2026-03-01T13:00:00Z'),
  })
  expect(rows.map(({ at, what }) => `${at.slice(11, 13)} ${what}`)).toEqual([
    '10 activity of the finding first seen',
    '11 activity of the finding last seen',
    '12 finding created',
    '13 finding updated',
  ])
  expect(rows[0]).toMatchObject({ kind: 'finding', action: finding.type, id: finding.id, object: 'Stolen' })
})

it('a response has a row for each change, with what became of it', () => {
  const at = instant('2026-03-01T12:00:00Z')
  const effect = { operation: 'iam:PutRolePolicy', resource: 'role/web-app', sentence: 'denies' }
  const entries = [
    { type: 'intended', stage: 'revoke-sessions', nonce: 'n-1', effect, at },
    { type: 'sent', nonce: 'n-1', outcome: 'accepted', at },
    { type: 'rechecked', stage: 'revoke-sessions', stands: true, says: 'the deny stands', at },
  ] as unknown as readonly Entry[]
  expect(rowsOfResponse(replay(entries))).toMatchObject([
    { kind: 'response', action: 'iam:PutRolePolicy', object: 'role/web-app', outcome: 'accepted' },
    { what: 'looked again', action: 'revoke-sessions', outcome: 'stands', object: 'the deny stands' },
  ])
})
