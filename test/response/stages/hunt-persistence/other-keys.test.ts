import { IAMClient, ListAccessKeysCommand } from '@aws-sdk/client-iam'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Instant } from '../../../../src/incident/values/instant.ts'
import { listKeys } from '../../../../src/response/stages/hunt-persistence/key-lists.ts'
import { otherKeys } from '../../../../src/response/stages/hunt-persistence/other-keys.ts'
import { artefactLike } from '../../../support/artefacts.ts'
import { awsError, contextsOf } from '../../../support/stage-context.ts'

const iam = mockClient(IAMClient)
const { contextLike } = contextsOf({ iam: IAMClient })
const since = '2026-11-25T01:00:00Z' as Instant

beforeEach(() => void iam.reset())

const key = (AccessKeyId: string, made: string) => ({ AccessKeyId, Status: 'Active' as const, CreateDate: new Date(made) })
const OLD = key('AKIAOLDOLDOLDOLDOLD0', '2026-11-24T00:00:00Z')
const NEW = key('AKIANEWNEWNEWNEWNEW0', '2026-11-25T02:00:00Z')

const found = async (touched = [artefactLike()]) => otherKeys(touched, await listKeys(touched, 'us-east-1', contextLike()), since)

describe('of the users whom the session touched', () => {
  it('the keys are told that were made since, and that no record shows', async () => {
    iam.on(ListAccessKeysCommand).resolves({ AccessKeyMetadata: [OLD, NEW] })
    const { keys, incomplete } = await found()
    expect(keys).toMatchObject([{ user: 'eve', accessKeyId: NEW.AccessKeyId, createdAt: '2026-11-25T02:00:00Z' }])
    expect(incomplete).toEqual([])
    const shown = artefactLike({ eventName: 'CreateAccessKey', names: { user: ['eve'], accessKey: [NEW.AccessKeyId] } })
    expect((await found([shown])).keys).toEqual([])
  })

  it('it is said whose keys were not listed to the end, and those that were read are told', async () => {
    iam.on(ListAccessKeysCommand).resolves({ AccessKeyMetadata: [NEW], IsTruncated: true, Marker: 'again' })
    const { keys, incomplete } = await found()
    expect(keys[0]?.accessKeyId).toBe(NEW.AccessKeyId)
    expect(incomplete).toEqual(['the keys of user eve were not listed to their end: the service repeated a page token'])
  })

  it('it is said whose keys may not be listed', async () => {
    iam.on(ListAccessKeysCommand).rejects(awsError('AccessDenied', 403))
    expect(await found()).toEqual({ keys: [], incomplete: ['the keys of user eve were not listed (AccessDenied)'] })
  })

  it('one who is gone has none', async () => {
    iam.on(ListAccessKeysCommand).rejects(awsError('NoSuchEntityException', 404))
    expect(await found()).toEqual({ keys: [], incomplete: [] })
  })

  it('nothing is guessed when IAM does not answer', async () => {
    iam.on(ListAccessKeysCommand).rejects(awsError('ServiceUnavailable', 503))
    await expect(found()).rejects.toThrow('ServiceUnavailable')
  })
})
