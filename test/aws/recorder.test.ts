import { StopInstancesCommand } from '@aws-sdk/client-ec2'
import { GetRoleCommand, PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { edgeAnswering, fromAws, networkError, queryError } from '../support/aws-edge.ts'

const role = () => new GetRoleCommand({ RoleName: 'web-app' })

describe('a call is told after it has ended', () => {
  it('with its request id when it succeeded', async () => {
    const { aws, recorded } = edgeAnswering(() => fromAws(''))
    const sending = aws.sts.send(new GetCallerIdentityCommand({}))
    expect(recorded).toEqual([])
    await sending
    expect(recorded).toEqual([{ service: 'sts', operation: 'GetCallerIdentity', outcome: 'ok', requestId: 'request-1' }])
  })

  it('with the code that AWS refused it by, not with the SDK’s name for it', async () => {
    const { aws, recorded } = edgeAnswering(() => queryError('NoSuchEntity', 404))
    await expect(aws.iam.send(role())).rejects.toMatchObject({ name: 'NoSuchEntityException' })
    expect(recorded).toEqual([{ service: 'iam', operation: 'GetRole', outcome: 'NoSuchEntity' }])
  })

  it('with what broke on the way', async () => {
    const { aws, recorded } = edgeAnswering(() => Promise.reject(Object.assign(networkError('EPIPE'), { name: 'TimeoutError' })))
    await expect(aws.iam.send(role())).rejects.toThrow()
    expect(recorded).toMatchObject([{ outcome: 'TimeoutError' }])
  })

  it('once, however often it was tried', async () => {
    const { aws, recorded, sent } = edgeAnswering((attempt) => (attempt < 3 ? queryError('InternalFailure', 500) : fromAws('')))
    await aws.iam.send(role())
    expect(sent).toHaveLength(3)
    expect(recorded).toHaveLength(1)
  })

  it('not at all when the guard kept it back', async () => {
    const { aws, recorded } = edgeAnswering(() => fromAws(''))
    const put = new PutRolePolicyCommand({ RoleName: 'web-app', PolicyName: 'p', PolicyDocument: '{}' })
    await expect(aws.iam.send(put)).rejects.toThrow('no intent')
    await expect(aws.ec2.send(new StopInstancesCommand({ InstanceIds: [] }))).rejects.toThrow('no intent')
    expect(recorded).toEqual([])
  })
})
