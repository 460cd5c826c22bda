import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { emptyHomes } from '../support/homes.ts'
import { startBin } from '../support/start-bin.ts'

const newHome = emptyHomes()
let server: Server
let firstBytes: number[]

beforeEach(async () => {
  firstBytes = []
  server = createServer((socket) => {
    socket.on('error', () => socket.destroy()).once('data', (data) => firstBytes.push(data[0] ?? -1))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterEach(() => void server.close())

/** The environment of a responder whose credentials do not come. */
const waitingForCredentials = () => {
  const home = newHome()
  mkdirSync(join(home, '.aws'))
  writeFileSync(join(home, '.aws/config'), '[default]\nregion = us-east-1\ncredential_process = sleep 60\n')
  return { HOME: home, PATH: process.env.PATH ?? '', AWS_REGION: 'us-east-1' }
}

const ARN = `arn:aws:guardduty:us-east-1:111122223333:detector/12abc34d567e8fa901bc2d34e56789f0/finding/${'0'.repeat(32)}`

/** How a TLS handshake begins (RFC 8446, 5.1: content type 22). */
const HANDSHAKE = 22

describe('a response', () => {
  it('opens its connections while its credentials are still being looked up: one to STS, one to GuardDuty, two to IAM', async () => {
    const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    const response = startBin(['respond', ARN, '--yes', '--endpoint-url', endpoint], { env: waitingForCredentials() })
    await expect.poll(() => firstBytes, { timeout: 60_000 }).toEqual([HANDSHAKE, HANDSHAKE, HANDSHAKE, HANDSHAKE])
    response.kill('SIGINT')
    expect((await response.ended).code).toBe(130)
    expect(firstBytes).toHaveLength(4)
  })
})
