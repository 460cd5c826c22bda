import { describe, expect, it } from 'vitest'
import {
  DisableProfileCommand,
  GetProfileCommand,
  ListProfilesCommand,
  RolesAnywhereClient,
} from '../../src/aws/roles-anywhere-client.ts'

interface Sent {
  readonly method: string
  readonly protocol: string
  readonly hostname: string
  readonly path: string
  readonly query: Record<string, string>
  readonly headers: Record<string, string>
}

/** A client whose requests are kept, and answered like this. */
const clientThat = (answer: { readonly status?: number; readonly type?: string; readonly body: object }, settings = {}) => {
  const sent: Sent[] = []
  const client = new RolesAnywhereClient({
    ...{ region: 'eu-central-1', credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' }, maxAttempts: 1 },
    requestHandler: {
      handle: async (request: Sent) => {
        sent.push(request)
        const headers = { 'content-type': 'application/json', 'x-amzn-requestid': 'r-1', 'x-amzn-errortype': answer.type ?? '' }
        const body = new TextEncoder().encode(JSON.stringify(answer.body))
        return { response: { statusCode: answer.status ?? 200, headers, body } }
      },
    } as never,
    ...settings,
  })
  const send = (command: object) => client.send(command as never) as Promise<object>
  return { sent, send }
}

describe('the client of IAM Roles Anywhere', () => {
  it('asks the service’s own address with its signing name, and gives an answer in the SDK’s types', async () => {
    const updatedAt = '2026-11-30T01:02:03Z'
    const { sent, send } = clientThat({ body: { profiles: [{ profileId: 'p-1', enabled: true, roleArns: ['arn'], updatedAt }] } })
    await expect(send(new ListProfilesCommand({ nextToken: 'next' }))).resolves.toMatchObject({
      profiles: [{ profileId: 'p-1', enabled: true, roleArns: ['arn'], updatedAt: new Date(updatedAt) }],
      $metadata: { requestId: 'r-1' },
    })
    expect(sent[0]).toMatchObject({ method: 'GET', path: '/profiles', query: { nextToken: 'next' } })
    expect(sent[0]).toMatchObject({ protocol: 'https:', hostname: 'rolesanywhere.eu-central-1.amazonaws.com' })
    expect(sent[0]?.headers.authorization).toContain('/eu-central-1/rolesanywhere/aws4_request')
  })

  it('asks China’s Regions by their own domain, and an endpoint that is given instead', async () => {
    const china = clientThat({ body: {} }, { region: 'cn-north-1' })
    await china.send(new GetProfileCommand({ profileId: 'a-1' }))
    expect(china.sent[0]?.hostname).toBe('rolesanywhere.cn-north-1.amazonaws.com.cn')
    const given = clientThat({ body: {} }, { endpoint: 'http://127.0.0.1:4566' })
    await given.send(new GetProfileCommand({ profileId: 'a-1' }))
    expect(given.sent[0]).toMatchObject({ protocol: 'http:', hostname: '127.0.0.1', path: '/profile/a-1' })
  })

  it('gives a refusal by the code that the service names', async () => {
    const { sent, send } = clientThat({
      ...{ status: 404, type: 'ResourceNotFoundException:http://internal/', body: { message: 'no such profile' } },
    })
    await expect(send(new DisableProfileCommand({ profileId: 'a/b' }))).rejects.toMatchObject({
      ...{ name: 'ResourceNotFoundException', message: 'no such profile', $metadata: { httpStatusCode: 404 } },
    })
    expect(sent[0]).toMatchObject({ method: 'POST', path: '/profile/a%2Fb/disable' })
  })
})
