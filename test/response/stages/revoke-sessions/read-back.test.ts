import { GetRolePolicyCommand, IAMClient, SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import type { Instant } from '../../../../src/incident/values/instant.ts'
import { revocationDocument } from '../../../../src/response/stages/revoke-sessions/policy.ts'
import { proveLogic, readRevocation } from '../../../../src/response/stages/revoke-sessions/read-back.ts'
import { awsError, contextsOf, subjectLike } from '../../../support/stage-context.ts'

const iam = mockClient(IAMClient)
const { contextLike } = contextsOf({ iam: IAMClient })
const subject = subjectLike()
const CUTOFF = '2026-11-25T12:00:30Z' as Instant

beforeEach(() => void iam.reset())

describe('what stands on the role', () => {
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

  it('may be a policy of another meaning: then it has no cut-off', async () => {
    expect(await standing('%7B%7D')).toEqual({ document: '{}' })
  })

  it.each(['%', '%E0%A4%A', '100% {'])('may be no URL-encoding at all (%s): then it is shown as it is', async (text) => {
    expect(await standing(text)).toEqual({ document: text })
  })

  it('is nothing when IAM knows no such policy', async () => {
    iam.on(GetRolePolicyCommand).rejects(awsError('NoSuchEntityException', 404))
    expect(await readRevocation(subject, contextLike())).toEqual({})
  })

  it('is not nothing when the answer has no document', async () => {
    await expect(standing(undefined)).rejects.toMatchObject({ kind: 'unavailable' })
  })

  it.each(['AccessDenied', 'Throttling'])('is not nothing when it could not be read (%s)', async (code) => {
    iam.on(GetRolePolicyCommand).rejects(awsError(code))
    await expect(readRevocation(subject, contextLike())).rejects.toThrow(code)
  })
})

describe('the logic of the policy', () => {
  const prove = () => proveLogic(subject, CUTOFF, contextLike())
  const decision = (EvalDecision: string) => ({ EvaluationResults: [{ EvalDecision } as never] })
  const issuedAt = (time: string) => ({
    ContextEntries: [{ ContextKeyName: 'aws:TokenIssueTime', ContextKeyType: 'date' as const, ContextKeyValues: [time] }],
  })

  it('is asked for a session issued a second earlier, and one issued a second later', async () => {
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

  it.each(['AccessDenied', 'InvalidInput'])('is not available when IAM says %s', async (code) => {
    iam.on(SimulatePrincipalPolicyCommand).rejects(awsError(code, 403))
    expect(await prove()).toEqual({ unavailable: code })
  })

  it('that could not be asked for is an error', async () => {
    iam.on(SimulatePrincipalPolicyCommand).rejects(awsError('ServiceFailure', 500))
    await expect(prove()).rejects.toThrow('ServiceFailure')
  })
})
