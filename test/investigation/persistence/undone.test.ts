import { describe, expect, it } from 'vitest'
import { leftBy } from '../analysis/records.ts'

describe('an artefact that the session removed', () => {
  it('names the event that removed it, and that event leaves no artefact', () => {
    const policy = { roleName: 'web-app', policyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' }
    const left = leftBy(
      { at: '2026-03-01T12:00:00Z', event: 'iam:AttachRolePolicy', request: policy },
      { at: '2026-03-01T12:01:00Z', event: 'iam:DetachRolePolicy', request: policy, id: 'undone' },
    )
    expect(left.map(({ eventName, undoneBy }) => [eventName, undoneBy?.eventId])).toEqual([['AttachRolePolicy', 'undone']])
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
