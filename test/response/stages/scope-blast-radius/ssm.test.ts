import { DescribeInstanceInformationCommand, SSMClient } from '@aws-sdk/client-ssm'
import { beforeEach, describe, expect, it } from 'vitest'
import type { SsmReach } from '../../../../src/incident/facts/facts.ts'
import { rawLine } from '../../../../src/incident/values/show.ts'
import { ssmReach, withoutSsm } from '../../../../src/response/stages/scope-blast-radius/ssm.ts'
import { mockClient } from '../../../support/mock-client.ts'
import { awsError, contextsOf, subjectLike } from '../../../support/stage-context.ts'

const ssm = mockClient(SSMClient)
const { contextLike } = contextsOf({ ssm: SSMClient })
const subject = subjectLike()
const { instanceId } = subject

beforeEach(() => void ssm.reset())

const reach = () => ssmReach(subject, contextLike())

const listed = (PingStatus: 'Online' | 'ConnectionLost' | 'Inactive', InstanceId = instanceId) =>
  ssm.on(DescribeInstanceInformationCommand).resolves({
    InstanceInformationList: [{ InstanceId, PingStatus, LastPingDateTime: new Date('2026-11-25T11:58:00Z') }],
  })

describe('whether SSM can ask the instance', () => {
  it.each([
    ['Online', 'online'],
    ['ConnectionLost', 'lost'],
    ['Inactive', 'lost'],
  ] as const)('follows from PingStatus %s: %s, with the last call', async (status, state) => {
    listed(status)
    expect(await reach()).toEqual({ state, lastPing: '2026-11-25T11:58:00Z' })
  })

  it('is no, where Systems Manager does not list the instance, or lists another one', async () => {
    ssm.on(DescribeInstanceInformationCommand).resolves({ InstanceInformationList: [] })
    expect(await reach()).toEqual({ state: 'not-managed' })
    listed('Online', 'i-2')
    expect(await reach()).toEqual({ state: 'not-managed' })
  })

  it.each([
    ['AccessDeniedException', 400, 'is denied'],
    ['InternalServerError', 500, 'gets no answer'],
    ['ThrottlingException', 400, 'is throttled'],
  ])('is not known, and ends nothing, when Systems Manager answers %s', async (code, status, why) => {
    ssm.on(DescribeInstanceInformationCommand).rejects(awsError(code, status))
    const sentence = `whether SSM can ask ${instanceId} is not known: ssm:DescribeInstanceInformation ${why}`
    expect(await reach()).toEqual({ state: 'unknown', why: sentence })
  })

  it('ends the assessment when the responder’s own credentials have ended', async () => {
    ssm.on(DescribeInstanceInformationCommand).rejects(awsError('ExpiredTokenException'))
    await expect(reach()).rejects.toThrow('ExpiredTokenException')
  })
})

it.each([
  [{ state: 'online' }, undefined],
  [undefined, undefined],
  [{ state: 'lost' }, 'its agent does not call now'],
  [{ state: 'not-managed' }, 'Systems Manager does not list it'],
  [{ state: 'unknown', why: 'ssm:DescribeInstanceInformation is denied' }, 'ssm:DescribeInstanceInformation is denied'],
] as const)('where SSM may not be able to ask the instance, it is said what then proves the rotation: %j', (ssmReached, said) => {
  const line = withoutSsm(ssmReached ? { ssm: ssmReached as SsmReach } : {})
  if (said === undefined) return void expect(line).toBeUndefined()
  expect(rawLine(line ?? '')).toContain(said)
  expect(rawLine(line ?? '')).toContain('only CloudTrail’s record of the new issue proves the rotation')
})
