import { IAMClient, ListAccountAliasesCommand } from '@aws-sdk/client-iam'
import { describe, expect, it } from 'vitest'
import { inProcessHandler } from '../../../src/simulator/wire/in-process.ts'
import type { Dispatch, Fault } from '../../../src/simulator/wire/message.ts'
import { CREDENTIALS, recordingDispatcher } from './wire-builders.ts'

const ALIASES = { AccountAliases: ['acme'], IsTruncated: false }

const iamClient = (dispatch: Dispatch, fault?: Fault, maxAttempts = 1) =>
  new IAMClient({
    region: 'us-east-1',
    credentials: CREDENTIALS,
    maxAttempts,
    requestHandler: inProcessHandler(dispatch, { sourceIp: '203.0.113.9', ...(fault && { fault }) }),
  })

const connectionReset = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })

describe('a client in process', () => {
  it('is seen under the address it was given', async () => {
    const { dispatch, calls } = recordingDispatcher(ALIASES)
    await iamClient(dispatch).send(new ListAccountAliasesCommand({}))
    expect(calls[0]?.sourceIp).toBe('203.0.113.9')
    expect(calls[0]?.userAgent).toContain('aws-sdk-js')
  })

  it('is not sent at all when its signal was aborted before', async () => {
    const { dispatch, calls } = recordingDispatcher(ALIASES)
    const sent = iamClient(dispatch).send(new ListAccountAliasesCommand({}), { abortSignal: AbortSignal.abort() })
    await expect(sent).rejects.toMatchObject({ name: 'AbortError' })
    expect(calls).toHaveLength(0)
  })

  it('stops waiting when its signal aborts, and the account has still answered', async () => {
    const controller = new AbortController()
    const { dispatch, calls } = recordingDispatcher(ALIASES)
    const never: Fault = async (request, next) => {
      await next(request)
      controller.abort()
      return new Promise(() => {})
    }
    const sent = iamClient(dispatch, never).send(new ListAccountAliasesCommand({}), { abortSignal: controller.signal })
    await expect(sent).rejects.toMatchObject({ name: 'AbortError' })
    expect(calls).toHaveLength(1)
  })
})

describe('a fault', () => {
  it('can lose the answer after the account has acted: the SDK sends the call again', async () => {
    const { dispatch, calls } = recordingDispatcher(ALIASES)
    const losesTheFirst: Fault = async (request, next) => {
      const response = await next(request)
      if (calls.length === 1) throw connectionReset()
      return response
    }
    expect(await iamClient(dispatch, losesTheFirst, 2).send(new ListAccountAliasesCommand({}))).toMatchObject(ALIASES)
    expect(calls).toHaveLength(2)
  })

  it('can keep the request from the account', async () => {
    const { dispatch, calls } = recordingDispatcher(ALIASES)
    const sent = iamClient(dispatch, () => Promise.reject(connectionReset())).send(new ListAccountAliasesCommand({}))
    await expect(sent).rejects.toMatchObject({ code: 'ECONNRESET' })
    expect(calls).toHaveLength(0)
  })

  it('can cut the answer short', async () => {
    const { dispatch } = recordingDispatcher(ALIASES)
    const cuts: Fault = async (request, next) => {
      const response = await next(request)
      return { ...response, body: response.body.slice(0, response.body.length / 2) }
    }
    await expect(iamClient(dispatch, cuts).send(new ListAccountAliasesCommand({}))).rejects.toThrow()
  })

  it('can put another answer in its place', async () => {
    const { dispatch } = recordingDispatcher(ALIASES)
    const busy: Fault = async () => ({ status: 503, headers: {}, body: 'Service Unavailable' })
    const sent = iamClient(dispatch, busy).send(new ListAccountAliasesCommand({}))
    await expect(sent).rejects.toMatchObject({ $metadata: { httpStatusCode: 503 } })
  })
})
