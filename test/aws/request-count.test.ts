import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { HttpResponse } from '@smithy/core/protocols'
import { describe, expect, it } from 'vitest'
import type { AnyClient } from '../../src/aws/middleware.ts'
import { countRequests } from '../../src/aws/request-count.ts'

describe('the count of requests', () => {
  it('counts what leaves, the SDK’s own retries included', async () => {
    let served = 0
    const handle = async () => {
      served += 1
      return { response: new HttpResponse({ statusCode: 500, headers: {}, body: Buffer.from('') }) }
    }
    const client = new STSClient({
      region: 'us-east-1',
      credentials: { accessKeyId: 'ASIAEXAMPLEEXAMPLE00', secretAccessKey: 'x' },
      maxAttempts: 3,
      requestHandler: { handle } as never,
    })
    const count = { sent: 0 }
    countRequests(client as unknown as AnyClient, count)
    await expect(client.send(new GetCallerIdentityCommand({}))).rejects.toThrow()
    expect(count.sent).toBe(3)
    expect(served).toBe(3)
  })
})
