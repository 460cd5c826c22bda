import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PutRolePolicyCommand } from '@aws-sdk/client-iam'
import { describe, expect, it, onTestFinished } from 'vitest'
import { realPassing } from '../../src/aws/clock.ts'
import { openClients } from '../../src/aws/open-clients.ts'
import { createWriteGate } from '../../src/aws/read-only.ts'
import { sendOnce } from '../../src/aws/send-once.ts'
import { noonClock } from '../support/noon.ts'

/** Somebody at the other end of a socket who takes requests, and does this with each. */
const someone = async (does: (response: ServerResponse) => void): Promise<string> => {
  const server = createServer((request, response) => {
    request.resume()
    does(response)
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const HEAD = { 'x-amzn-requestid': 'r', 'content-length': '100000' }

const silent = () => {}
const endless = (response: ServerResponse) => void response.writeHead(200, HEAD).write('<PutRolePolicyResponse>')
const drips = (response: ServerResponse) => {
  response.writeHead(200, HEAD)
  const drop = setInterval(() => response.write(' '), 100)
  response.on('close', () => clearInterval(drop))
}

/** Sends a write to somebody over a real socket; gives what is known of it, and after how many seconds. */
const writeTo = async (endpoint: string, deadlineSeconds: number) => {
  const writeGate = createWriteGate()
  const aws = openClients({
    credentials: { accessKeyId: 'ASIAEXAMPLEEXAMPLE00', secretAccessKey: 'x' },
    endpoint,
    clock: noonClock(),
    writeGate,
    onCall: () => {},
    signal: new AbortController().signal,
    version: '0.0.0',
  })
  const put = new PutRolePolicyCommand({ RoleName: 'web-app', PolicyName: 'p', PolicyDocument: '{}' })
  const since = realPassing.elapsed()
  const { sending } = await sendOnce(aws('us-east-1').iam, put, {
    writeGate,
    abortSignal: AbortSignal.timeout(deadlineSeconds * 1000),
    journalHead: '0123456789abcdef',
  })
  return { sending, seconds: (realPassing.elapsed() - since) / 1000 }
}

describe('a call without a whole answer', () => {
  it('a call to a service that says nothing, or stops in the middle of the answer, ends by itself', async () => {
    const waits = await Promise.all([silent, endless].map(async (does) => writeTo(await someone(does), 25)))
    for (const { sending, seconds } of waits) {
      expect(sending).toEqual({ outcome: 'unknown', why: 'TimeoutError: the answer was lost' })
      expect(seconds).toBeLessThan(20)
    }
  })

  it('a call whose answer never comes to an end ends with the deadline of the write', async () => {
    const { sending, seconds } = await writeTo(await someone(drips), 1)
    expect(sending.outcome).toBe('unknown')
    expect(seconds).toBeLessThan(5)
  })

  it('a call to a service that is not there ends at once', async () => {
    const gone = await someone(silent)
    const { sending, seconds } = await writeTo(gone.replace(/:\d+$/, ':1'), 25)
    expect(sending.outcome).toBe('unknown')
    expect(seconds).toBeLessThan(5)
  })
})
