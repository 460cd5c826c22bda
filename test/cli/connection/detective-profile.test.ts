import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ListGraphsCommand } from '@aws-sdk/client-detective'
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openDetective } from '../../../src/cli/connection/detective-connection.ts'
import { openLive } from '../../../src/cli/connection/live.ts'
import { behaviourGraph } from '../../../src/investigation/enrichment/detective/graph.ts'
import type { IssuedCredential } from '../../../src/simulator/account/credentials.ts'
import { openAccount } from '../../../src/simulator/serve-account.ts'
import { createDispatcher } from '../../../src/simulator/wire/dispatch.ts'
import { type Served, serve } from '../../../src/simulator/wire/http-server.ts'
import { memoryHost } from '../../laws/memory-host.ts'
import { buildQuick } from '../../laws/whole-run.ts'

let served: Served

const profile = (name: string, { accessKeyId, secretAccessKey, sessionToken = '' }: IssuedCredential): string =>
  `[${name}]\naws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}\naws_session_token = ${sessionToken}\n`

beforeAll(async () => {
  const built = await buildQuick('detective-elsewhere')
  const { answer, account } = openAccount(built)
  served = await serve(createDispatcher({ answer, now: () => account.clock.now() }), { port: 0 })
  const { responder, investigator } = built.cast
  if (!investigator) throw new Error('nobody administers the graph')
  const file = join(mkdtempSync(join(tmpdir(), 'ir-cred-')), 'credentials')
  writeFileSync(file, profile('acme', responder) + profile('security', investigator), { mode: 0o600 })
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', file)
  vi.stubEnv('AWS_CONFIG_FILE', '/dev/null')
  for (const name of ['AWS_PROFILE', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'])
    vi.stubEnv(name, undefined)
})

afterAll(async () => {
  vi.unstubAllEnvs()
  await served.close()
})

const open = async (detectiveProfile?: string) => {
  const request = { regions: ['us-east-1'], profile: 'acme', endpointUrl: served.endpoint, detectiveProfile }
  const connection = await openLive(request, memoryHost({}).host, { observer: { onCall: () => {} }, say: () => {} })
  return { connection, clients: connection.aws('us-east-1') }
}
const graphs = async (detectiveProfile?: string) =>
  (await (await open(detectiveProfile)).clients.detective.send(new ListGraphsCommand({}))).GraphList

const graphOf = async (detectiveProfile?: string) => {
  const { connection } = await open(detectiveProfile)
  const { signal } = new AbortController()
  return behaviourGraph('111122223333', openDetective(connection, { region: 'us-east-1', signal, progress: () => {}, waits: 0 }))
}

describe('--detective-profile', () => {
  it('asks Detective, and Detective alone, as the account that administers the graph', async () => {
    const { connection, clients } = await open('security')
    expect(await graphs('security')).toMatchObject([{ Arn: expect.stringContaining(':444455556666:graph:') }])
    expect(await clients.sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: '111122223333' })
    expect(connection.setting).toMatchObject({ accountId: '111122223333', profile: 'acme', detectiveProfile: 'security' })
  })

  it('is the responder’s own profile where none is named', async () => {
    expect(await graphs()).toEqual([])
    expect((await open()).connection.setting).not.toHaveProperty('detectiveProfile')
  })

  it('a profile that does not exist stops nothing until Detective is asked, and is then reported', async () => {
    expect(await graphOf('nobody')).toMatchObject({
      unavailable: {
        why: expect.stringMatching(/^the credentials of profile nobody cannot be used for Detective/),
        remedy: expect.stringContaining('--detective-profile'),
      },
    })
  })

  it('gives a command without a runbook the graph that has the account as a member', async () => {
    expect(await graphOf('security')).toMatchObject({ graph: { administrator: '444455556666', remarks: [] } })
    expect(await graphOf()).toMatchObject({
      unavailable: { why: expect.stringContaining('member of the graph of account 444455556666') },
    })
  })
})
