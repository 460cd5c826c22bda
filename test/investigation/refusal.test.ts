import { describe, expect, it } from 'vitest'
import { refusalIn } from '../../src/investigation/refusal.ts'
import { recordOf } from './records.ts'

const ROLE = 'arn:aws:iam::111122223333:role/admin'
const sentence = (end: string): string =>
  `User: arn:aws:sts::111122223333:assumed-role/web-app/i-0 is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::payroll/all.csv" ${end}`

describe('the message of a refused call names the kind of policy', () => {
  it.each([
    ['with an explicit deny in a service control policy', 'explicit deny in a service control policy (SCP)'],
    ['with an explicit deny in a resource control policy', 'explicit deny in a resource control policy (RCP)'],
    ['with an explicit deny in a permissions boundary', 'explicit deny in a permissions boundary'],
    ['with an explicit deny in a session policy', 'explicit deny in a session policy'],
    ['with an explicit deny in a resource-based policy', 'explicit deny in a resource-based policy'],
    ['with an explicit deny in a VPC endpoint policy', 'explicit deny in a VPC endpoint policy'],
    ['with an explicit deny in an identity-based policy', 'explicit deny in an identity-based policy'],
    ['with an explicit deny', 'explicit deny'],
    ['because no identity-based policy allows the s3:GetObject action', 'no identity-based policy allows it'],
    ['because no session policy allows the s3:GetObject action', 'no session policy allows it'],
    ['because no permissions boundary allows the s3:GetObject action', 'no permissions boundary allows it'],
    ['because no service control policy allows the s3:GetObject action', 'no service control policy (SCP) allows it'],
    ['because no VPC endpoint policy allows the s3:GetObject action', 'no VPC endpoint policy allows it'],
    ['because no resource-based policy allows the s3:GetObject action', 'no resource-based policy allows it'],
  ])('%s', (end, refusedBy) => {
    expect(refusalIn('AccessDenied', sentence(end))).toEqual({ refusedBy, resource: 'arn:aws:s3:::payroll/all.csv' })
  })

  it('the policy itself, where the message has its ARN', () => {
    const arn = 'arn:aws:organizations::111122223333:policy/o-a1b2c3d4e5/service_control_policy/p-a1b2c3d4'
    expect(refusalIn('AccessDenied', sentence(`with an explicit deny in a service control policy: ${arn}`))?.refusedBy).toBe(
      `explicit deny in a service control policy (SCP) ${arn}`,
    )
  })

  it('a VPC endpoint refuses with a code of its own', () => {
    expect(refusalIn('VpceAccessDenied', 'The request was denied due to a VPC endpoint policy')?.refusedBy).toBe(
      'VPC endpoint policy',
    )
  })

  it('a message that names neither gives nothing', () => {
    expect(refusalIn('AccessDenied', 'Access Denied')).toBeUndefined()
    expect(refusalIn('NoSuchBucket', 'The specified bucket does not exist')).toBeUndefined()
  })
})

it('a refused AssumeRole names its role, even where CloudTrail leaves the parameters out', () => {
  const errorMessage = `User: arn:aws:iam::111122223333:user/eve is not authorized to perform: sts:AssumeRole on resource: ${ROLE}`
  const refused = recordOf({
    ...{ eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', requestParameters: null },
    ...{ errorCode: 'AccessDenied', errorMessage },
  })
  expect(refused.requested.roleArn).toBe(ROLE)
  expect(refused.touched).toMatchObject({ kind: 'role', stores: [ROLE] })
})
