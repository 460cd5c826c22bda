import { IAMClient, ListAccessKeysCommand } from '@aws-sdk/client-iam'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Instant } from '../../../src/incident/values/instant.ts'
import { listKeys, unexplainedKeys } from '../../../src/investigation/persistence/access-keys.ts'
import { artefactLike } from '../../support/artefacts.ts'
import { mockClient } from '../../support/mock-client.ts'
import { awsError, contextsOf } from '../../support/stage-context.ts'

const iam = mockClient(IAMClient)
const { contextLike } = contextsOf({ iam: IAMClient })
const since = '2026-11-25T01:00:00Z' as Instant

beforeEach(() => void iam.reset())

const key = (AccessKeyId: string, made: string) => ({ AccessKeyId, Status: 'Active' as const, CreateDate: new Date(made) })
const OLD = key('AKIAOLDOLDOLDOLDOLD0', '2026-11-24T00:00:00Z')
const NEW = key('AKIANEWNEWNEWNEWNEW0', '2026-11-25T02:00:00Z')

const found = async (artefacts = [artefactLike()]) => {
  const { aws, now, signal } = contextLike()
  return unexplainedKeys(artefacts, await listKeys(artefacts, { iam: aws('us-east-1').iam, now, signal }), since)
}

describe('the keys of users that artefacts name', () => {
  it('a key created since the theft that no artefact explains is listed', async () => {
    iam.on(ListAccessKeysCommand).resolves({ AccessKeyMetadata: [OLD, NEW] })
    const { keys, incomplete } = await found()
    expect(keys).toMatchObject([{ user: 'eve', accessKeyId: NEW.AccessKeyId, createdAt: '2026-11-25T02:00:00Z' }])
    expect(incomplete).toEqual([])
    const shown = artefactLike({ eventName: 'CreateAccessKey', names: { user: ['eve'], accessKey: [NEW.AccessKeyId] } })
    expect((await found([shown])).keys).toEqual([])
  })

  it('a list that could not be read to its end is a gap, and its keys are listed', async () => {
    iam.on(ListAccessKeysCommand).resolves({ AccessKeyMetadata: [NEW], IsTruncated: true, Marker: 'again' })
    const { keys, incomplete } = await found()
    expect(keys[0]?.accessKeyId).toBe(NEW.AccessKeyId)
    expect(incomplete).toEqual(['ir-cred could not list all access keys of user eve: the service repeated a page token'])
  })

  it('a denied list is a gap', async () => {
    iam.on(ListAccessKeysCommand).rejects(awsError('AccessDenied', 403))
    expect(await found()).toEqual({ keys: [], incomplete: ['ir-cred could not list the access keys of user eve (AccessDenied)'] })
  })

  it('a user who is gone has no keys', async () => {
    iam.on(ListAccessKeysCommand).rejects(awsError('NoSuchEntityException', 404))
    expect(await found()).toEqual({ keys: [], incomplete: [] })
  })

  it('a list that IAM does not answer is a gap', async () => {
    iam.on(ListAccessKeysCommand).rejects(awsError('ServiceUnavailable', 503))
    const incomplete = ['ir-cred could not list the access keys of user eve (ServiceUnavailable)']
    expect(await found()).toEqual({ keys: [], incomplete })
  })

  it('the end of the responder’s own session is thrown', async () => {
    iam.on(ListAccessKeysCommand).rejects(awsError('ExpiredToken', 403))
    await expect(found()).rejects.toThrow('ExpiredToken')
  })
})
