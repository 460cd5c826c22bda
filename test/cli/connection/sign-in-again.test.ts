import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openLive } from '../../../src/cli/connection/live.ts'
import { issueSession } from '../../../src/simulator/issue-credentials.ts'
import { openAccount } from '../../../src/simulator/serve-account.ts'
import { createDispatcher } from '../../../src/simulator/wire/dispatch.ts'
import { type Served, serve } from '../../../src/simulator/wire/http-server.ts'
import { memoryHost } from '../../laws/memory-host.ts'
import { buildQuick } from '../../laws/whole-run.ts'

let served: Served
const built = await buildQuick()
const file = join(mkdtempSync(join(tmpdir(), 'ir-cred-')), 'credentials')

/** Writes the credentials file as somebody who signs in as this role does. */
const signInAs = (role: string, session: string): string => {
  const found = built.account.roles.get(role)
  if (!found) throw new Error(`no role ${role}`)
  const { accessKeyId, secretAccessKey, sessionToken = '' } = issueSession(built.account, found, session, 3600)
  const lines = [
    `aws_access_key_id = ${accessKeyId}`,
    `aws_secret_access_key = ${secretAccessKey}`,
    `aws_session_token = ${sessionToken}`,
  ]
  writeFileSync(file, `[acme]\n${lines.join('\n')}\n`, { mode: 0o600 })
  return accessKeyId
}

beforeAll(async () => {
  const { answer, account } = openAccount(built)
  served = await serve(createDispatcher({ answer, now: () => account.clock.now() }), { port: 0 })
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file)
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null')
  for (const name of ['AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])
    vi.stubEnv(name, undefined)
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await served.close()
})

const open = () => {
  const request = { regions: ['us-east-1'], profile: 'acme', endpointUrl: served.endpoint }
  return openLive(request, memoryHost({}).host, { observer: { onCall: () => {} }, say: () => {} })
}

describe('signing in again within a run', () => {
  it('goes on with the credentials that are in the file by then, and with clients that use them', async () => {
    const first = signInAs('ir-responder', 'alice')
    const connection = await open()
    const whoami = async () => (await connection.aws('us-east-1').sts.send(new GetCallerIdentityCommand({}))).Arn
    expect([connection.responderAccessKeyId, await whoami()]).toEqual([first, expect.stringContaining('/alice')])
    const second = signInAs('ir-responder', 'alice-again')
    await connection.signInAgain?.()
    expect([connection.responderAccessKeyId, await whoami()]).toEqual([second, expect.stringContaining('/alice-again')])
  })

  it('is refused as another role: the run goes on as whoever began it', async () => {
    const first = signInAs('ir-responder', 'alice')
    const connection = await open()
    signInAs('web-app', 'alice')
    await expect(connection.signInAgain?.()).rejects.toMatchObject({
      kind: 'identity',
      what: expect.stringContaining('web-app'),
    })
    expect(connection.responderAccessKeyId).toBe(first)
  })
})
