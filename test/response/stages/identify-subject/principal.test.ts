import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../../src/incident/finding/finding.ts'
import { given } from '../../../../src/incident/values/given.ts'
import { namedPrincipal } from '../../../../src/response/stages/identify-subject/principal.ts'
import { findingLike, without } from '../../../support/findings.ts'

const ROLE_ID = 'AROAXCSEC6TNB2WZPQ7LK'
const INSTANCE = 'i-08faaaafb15777f5a'

/** Why the runbook does not act on a finding, and what to do by hand. */
const refusalOf = (finding: Finding): { why: string; remedy: string } => {
  const principal = namedPrincipal(finding)
  if (!('remedy' in principal)) throw new Error('it was not refused')
  return { why: principal.why, remedy: principal.remedy }
}

describe('the session of an instance’s role', () => {
  it('is split into role, session, instance and key', () => {
    expect(namedPrincipal(findingLike())).toEqual({
      kind: 'role-session',
      roleName: 'web-app',
      roleId: ROLE_ID,
      accessKeyId: 'ASIAXCSEC6TNGZ6EZUUO',
      principalId: `${ROLE_ID}:${INSTANCE}`,
      sessionName: INSTANCE,
      instanceId: INSTANCE,
      instanceFrom: 'principal id',
    })
  })

  it('names its instance although the instance details are missing', () => {
    expect(namedPrincipal(findingLike({ instanceId: INSTANCE }))).toMatchObject({ instanceFrom: 'principal id' })
  })

  it('is refused when the instance details contradict it', () => {
    const { why, remedy } = refusalOf(findingLike({ instanceId: 'i-0aa1b2c3d4e5f6071' }))
    expect(why).toBe(
      `the finding contradicts itself: the session belongs to ${INSTANCE}, its instance details name i-0aa1b2c3d4e5f6071`,
    )
    expect(remedy).toContain('--instance-id')
  })

  it.each([
    ['accessKeyId', 'the finding names no access key id'],
    ['userName', 'the finding names no role name'],
  ] as const)('is refused without %s', (name, why) => {
    expect(refusalOf(without(findingLike(), name))).toEqual({ why, remedy: expect.stringContaining('--access-key-id') })
  })

  it('is refused with everything that is missing at once', () => {
    expect(refusalOf(without(findingLike(), 'accessKeyId', 'userName')).why).toBe(
      'the finding names no access key id and no role name',
    )
  })
})

describe('a session of a role that is not named after an instance', () => {
  it.each([
    ['of a person', findingLike({ principalId: `${ROLE_ID}:alice@example.com` }), 'alice@example.com'],
    [
      'of a function, although an instance is named',
      findingLike({ principalId: `${ROLE_ID}:resize-images`, instanceId: INSTANCE }),
      'resize-images',
    ],
  ])('is the role’s, and no instance’s: %s', (_, finding, sessionName) => {
    expect(namedPrincipal(finding)).toEqual({
      kind: 'role-session',
      roleName: 'web-app',
      roleId: ROLE_ID,
      accessKeyId: 'ASIAXCSEC6TNGZ6EZUUO',
      principalId: `${ROLE_ID}:${sessionName}`,
      sessionName,
    })
  })

  it('is refused without a key, as an instance’s is', () => {
    const finding = without(findingLike({ principalId: `${ROLE_ID}:deploy` }), 'accessKeyId')
    expect(refusalOf(finding).why).toBe('the finding names no access key id')
  })
})

describe('the roles of EC2 itself, which no policy reaches', () => {
  it('are refused with what they are, where they are EC2’s own infrastructure', () => {
    const refusal = refusalOf(findingLike({ userName: 'aws:ec2-infrastructure' }))
    expect(refusal.why).toMatch(/EC2’s own infrastructure/)
    expect(refusal.remedy).toMatch(/AWS Support/)
  })

  it('are left to what is done by hand, where it is the identity role of an instance', () => {
    expect(namedPrincipal(findingLike({ userName: 'aws:ec2-instance' }))).toEqual({
      ...{ status: 'notApplicable', why: expect.stringMatching(/instance identity role/) },
    })
  })
})

describe('a key of an IAM user', () => {
  const user = findingLike({ userType: 'IAMUser', userName: 'alice', principalId: 'AIDAXCSEC6TNALICE0001' })

  it.each([
    ['long-term', 'AKIAIOSFODNN7EXAMPLE', 'user-key'],
    ['temporary', 'ASIAIOSFODNN7EXAMPLE', 'user-session'],
  ])('is the user’s, not a role’s: %s', (_, accessKeyId, kind) => {
    expect(namedPrincipal({ ...user, accessKeyId })).toEqual({
      ...{ kind, accessKeyId, userName: 'alice', principalId: 'AIDAXCSEC6TNALICE0001' },
    })
  })
})

describe('a federated user', () => {
  const accessKeyId = 'ASIAIOSFODNN7EXAMPLE'

  it.each([
    ['by its principal id', '111122223333:bob', undefined],
    ['by its principal id, whatever the user name says', '111122223333:bob', 'token-broker'],
    ['by the user name, where there is no principal id', undefined, 'bob'],
  ])('is named %s', (_, principalId, userName) => {
    const finding = {
      ...without(findingLike({ userType: 'FederatedUser', accessKeyId }), 'principalId'),
      ...given({ userName, principalId }),
    }
    expect(namedPrincipal(finding)).toEqual({
      ...{ kind: 'federated', accessKeyId, principalId: '111122223333:bob', federatedName: 'bob' },
    })
  })
})

describe('credentials of another kind are refused, each with what you do by hand', () => {
  const user = findingLike({ userType: 'IAMUser', userName: 'alice', principalId: 'AIDAXCSEC6TNALICE0001' })

  it.each<[string, Finding, RegExp, RegExp]>([
    ['another account', findingLike({ userType: 'AWSAccount' }), /belongs to another account/, /Trust & Safety/],
    ['an AWS service', findingLike({ userType: 'AWSService' }), /AWS service/, /configuration of the service/],
    [
      'nobody known',
      without(findingLike({ userType: 'Unknown' }), 'principalId'),
      /does not say what kind/,
      /get-access-key-info/,
    ],
    [
      'a kind that nobody knows',
      findingLike({ userType: 'Unknown', userTypeAsWritten: { untrusted: 'Martian' } }),
      /does not say what kind/,
      /--access-key-id/,
    ],
    ['a role with a user’s key', findingLike({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }), /does not say what kind/, /CloudTrail/],
  ])('%s', (_, finding, why, remedy) => {
    const refusal = refusalOf(finding)
    expect(refusal.why).toMatch(why)
    expect(refusal.remedy).toMatch(remedy)
    expect(refusal.remedy).not.toMatch(/<|\d{4}-\d\d-\d\dT/)
  })

  it('but the root user: nothing of it is denied, and everything is done by hand', () => {
    expect(namedPrincipal(findingLike({ userType: 'Root' }))).toEqual({
      ...{ status: 'notApplicable', why: expect.stringMatching(/root user, which no policy of the account can deny/) },
    })
  })

  it('in words where the finding does not name the user', () => {
    for (const accessKeyId of ['AKIAIOSFODNN7EXAMPLE', 'ASIAIOSFODNN7EXAMPLE'])
      expect(refusalOf(without({ ...user, accessKeyId }, 'userName')).remedy).not.toMatch(/undefined|<|--user-name/)
  })
})
