import { GetRolePolicyCommand, IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import { revocationDocument } from '../../../../src/incident/revocation-document.ts'
import type { Instant } from '../../../../src/incident/values/instant.ts'
import { proveLogic, readRevocation } from '../../../../src/response/stages/revoke-sessions/policy.ts'
import { awsError, contextsOf, subjectLike } from '../../../support/stage-context.ts'

const iam = mockClient(IAMClient)
const { contextLike } = contextsOf({ iam: IAMClient })
const subject = subjectLike()
const CUTOFF = '2026-11-25T12:00:30Z' as Instant

beforeEach(() => void iam.reset())

describe('the policy on the role', () => {
  const standing = (text: string | undefined) => {
    iam.on(GetRolePolicyCommand).resolves({ RoleName: 'web-app', PolicyName: 'p', PolicyDocument: text })
    return readRevocation(subject, contextLike())
  }

  it('is read back decoded, with what it enforces', async () => {
    const document = revocationDocument(CUTOFF)
    expect(await standing(encodeURIComponent(document))).toEqual({ document, cutoff: CUTOFF })
    expect(iam).toHaveReceivedCommandExactlyOnceWith(GetRolePolicyCommand, {
      RoleName: 'web-app',
      PolicyName: 'AWSRevokeOlderSessions',
    })
  })

  it('has no cut-off when it has another meaning', async () => {
    expect(await standing('%7B%7D')).toEqual({ document: '{}' })
  })

  it.each(['%', '%E0%A4%A', '100% {'])('is shown as it is when it is not URL-encoded (%s)', async (text) => {
    expect(await standing(text)).toEqual({ document: text })
  })

  it('is absent when IAM knows no such policy', async () => {
    iam.on(GetRolePolicyCommand).rejects(awsError('NoSuchEntityException', 404))
    expect(await readRevocation(subject, contextLike())).toEqual({})
  })

  it('is an error, not absent, when the answer has no document', async () => {
    await expect(standing(undefined)).rejects.toMatchObject({ kind: 'unavailable' })
  })

  it.each(['AccessDenied', 'Throttling'])('is an error, not absent, when it cannot be read (%s)', async (code) => {
    iam.on(GetRolePolicyCommand).rejects(awsError(code))
    await expect(readRevocation(subject, contextLike())).rejects.toThrow(code)
  })
})

describe('the simulation of the policy', () => {
  const prove = () => proveLogic(subject, { cutoff: CUTOFF, userId: undefined }, contextLike())
  const decision = (EvalDecision: string) => ({ EvaluationResults: [{ EvalDecision } as never] })
  const issuedAt = (time: string) => ({
    ContextEntries: [{ ContextKeyName: 'aws:TokenIssueTime', ContextKeyType: 'date' as const, ContextKeyValues: [time] }],
  })

  it('is asked for a session issued a second earlier and for one issued a second later', async () => {
    iam
      .on(SimulatePrincipalPolicyCommand, issuedAt('2026-11-25T12:00:29Z'))
      .resolves(decision('explicitDeny'))
      .on(SimulatePrincipalPolicyCommand, issuedAt('2026-11-25T12:00:31Z'))
      .resolves(decision('implicitDeny'))
    expect(await prove()).toEqual({ olderSession: 'explicitDeny', newerSession: 'implicitDeny' })
  })

  it('is unknown, not proven, when IAM answers nothing', async () => {
    iam.on(SimulatePrincipalPolicyCommand).resolves({ EvaluationResults: [] })
    expect(await prove()).toEqual({ olderSession: 'unknown', newerSession: 'unknown' })
  })

  it.each([
    ['AccessDenied', 403, 'is denied'],
    ['InvalidInput', 400, 'answers InvalidInput'],
    ['ServiceFailure', 500, 'gets no answer'],
    ['Throttling', 400, 'is throttled'],
  ])('is not available, and ends nothing, when IAM says %s', async (code, status, why) => {
    iam.on(SimulatePrincipalPolicyCommand).rejects(awsError(code, status))
    expect(await prove()).toEqual({ unavailable: `iam:SimulatePrincipalPolicy ${why}` })
  })

  it('is an error when AWS does not know the responder’s key', async () => {
    iam.on(SimulatePrincipalPolicyCommand).rejects(awsError('InvalidClientTokenId', 403))
    await expect(prove()).rejects.toThrow('InvalidClientTokenId')
  })
})
