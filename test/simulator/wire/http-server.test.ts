import { request as httpRequest } from 'node:http'
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterEach, describe, expect, it } from 'vitest'
import { type Served, serve } from '../../../src/simulator/wire/http-server.ts'
import type { Dispatch } from '../../../src/simulator/wire/message.ts'
import { CREDENTIALS, recordingDispatcher, requestFor } from './wire-builders.ts'

const IDENTITY = { Account: '111122223333', Arn: 'arn:aws:iam::111122223333:user/a', UserId: 'AIDA1' }

const servers: Served[] = []
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())))

const serving = async (dispatch: Dispatch): Promise<Served> => {
  const server = await serve(dispatch, { port: 0 })
  servers.push(server)
  return server
}

const stsAt = (endpoint: string) => new STSClient({ region: 'us-east-1', credentials: CREDENTIALS, maxAttempts: 1, endpoint })

interface RawRequest {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: string
}

/** A request as no SDK would send it. */
const raw = (endpoint: string, { method = 'POST', headers = {}, body = '' }: RawRequest) =>
  new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    const outgoing = httpRequest(endpoint, { method, headers }, async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk as Buffer)
      resolve({ status: response.statusCode, text: Buffer.concat(chunks).toString() })
    })
    outgoing.once('error', reject)
    outgoing.end(body)
  })

const signed = { authorization: requestFor('sts').headers.authorization ?? '' }

describe('the simulated account on 127.0.0.1', () => {
  it('answers an SDK client and says where the call came from', async () => {
    const { dispatch, calls } = recordingDispatcher(IDENTITY)
    const { endpoint } = await serving(dispatch)
    expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(await stsAt(endpoint).send(new GetCallerIdentityCommand({}))).toMatchObject(IDENTITY)
    expect(calls[0]?.sourceIp).toBe('127.0.0.1')
  })

  it('says what it is to whoever opens it in a browser', async () => {
    const { dispatch, calls } = recordingDispatcher()
    const answer = await raw((await serving(dispatch)).endpoint, { method: 'GET' })
    expect(answer.status).toBe(200)
    expect(answer.text).toContain('simulated AWS account')
    expect(calls).toHaveLength(0)
  })

  it('refuses requests that reach it under another name', async () => {
    const { dispatch, calls } = recordingDispatcher(IDENTITY)
    const { endpoint } = await serving(dispatch)
    const body = 'Action=GetCallerIdentity'
    for (const host of ['attacker.example', '127.0.0.1.attacker.example', 'localhost.attacker.example:80']) {
      expect((await raw(endpoint, { headers: { ...signed, host }, body })).status).toBe(421)
    }
    expect(calls).toHaveLength(0)
    expect((await raw(endpoint, { headers: { ...signed, host: 'localhost:9' }, body })).status).toBe(200)
  })

  it('refuses a body of more than 1 MB and goes on serving', async () => {
    const { dispatch, calls } = recordingDispatcher(IDENTITY)
    const { endpoint } = await serving(dispatch)
    expect((await raw(endpoint, { headers: signed, body: 'x'.repeat(1024 * 1024 + 1) })).status).toBe(413)
    expect(calls).toHaveLength(0)
    expect((await raw(endpoint, { headers: signed, body: 'Action=GetCallerIdentity' })).status).toBe(200)
  })

  it('goes on serving when a client leaves before its answer', async () => {
    const controller = new AbortController()
    const { dispatch } = recordingDispatcher(IDENTITY)
    const leaves: Dispatch = async (request) => {
      if (!controller.signal.aborted) {
        controller.abort()
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      return dispatch(request)
    }
    const client = stsAt((await serving(leaves)).endpoint)
    await expect(client.send(new GetCallerIdentityCommand({}), { abortSignal: controller.signal })).rejects.toThrow()
    expect(await client.send(new GetCallerIdentityCommand({}))).toMatchObject(IDENTITY)
  })

  it('breaks the connection when the answer is lost', async () => {
    const { endpoint } = await serving(() => Promise.reject(new Error('lost')))
    await expect(raw(endpoint, { headers: signed })).rejects.toMatchObject({ code: 'ECONNRESET' })
  })

  it('ends calls that are still waiting when it closes', async () => {
    let arrived = () => {}
    const arrival = new Promise<void>((resolve) => {
      arrived = resolve
    })
    const server = await serving(() => {
      arrived()
      return new Promise(() => {})
    })
    const waiting = expect(raw(server.endpoint, { headers: signed })).rejects.toMatchObject({ code: 'ECONNRESET' })
    await arrival
    await server.close()
    await waiting
  })

  it('says so when the port is taken', async () => {
    const { dispatch } = recordingDispatcher()
    const { endpoint } = await serving(dispatch)
    await expect(serve(dispatch, { port: Number(new URL(endpoint).port) })).rejects.toMatchObject({ code: 'EADDRINUSE' })
  })
})
