import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const SECRET = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYCANARYSECRET'
export const TOKEN = 'IQoJb3JpZ2luX2VjCANARYTOKENabc,{}=='
const IMDS_TOKEN = 'AQAEAEIMDSTOKENCANARY=='

/** What the metadata service of a test's instance says; every part of it may be an attacker's. */
export interface FakeImds {
  /** 'refused': nothing listens. */
  readonly token?: 'given' | 'refused' | number
  readonly roles?: string
  readonly credentials?: (response: ServerResponse) => void
}

const members = {
  Code: 'Success',
  LastUpdated: '2026-11-25T02:14:09Z',
  Type: 'AWS-HMAC',
  AccessKeyId: 'ASIAV2V2V2V2V2V2V2V2',
  SecretAccessKey: SECRET,
  Token: TOKEN,
  Expiration: '2026-11-25T08:31:44Z',
}

export type Members = Readonly<Record<string, unknown>>

/** The credentials as the service writes them: one member a line, blanks around the colon. */
export const document = (changes: Members = {}): string =>
  `{\n${Object.entries({ ...members, ...changes })
    .map(([name, value]) => `  ${JSON.stringify(name)} : ${JSON.stringify(value)}`)
    .join(',\n')}\n}`

export const saying =
  (body: string, status = 200) =>
  (response: ServerResponse): void =>
    void response.writeHead(status).end(body)

const serving = ({ token = 'given', roles = 'web-app', credentials = saying(document()) }: FakeImds) =>
  createServer((request, response) => {
    const { url = '', method, headers } = request
    if (method === 'PUT' && url === '/latest/api/token') {
      if (typeof token === 'number') return saying('<h1>error</h1>', token)(response)
      return saying(headers['x-aws-ec2-metadata-token-ttl-seconds'] ? IMDS_TOKEN : '')(response)
    }
    if (headers['x-aws-ec2-metadata-token'] !== IMDS_TOKEN) return saying('<h1>401 - Unauthorized</h1>', 401)(response)
    const path = url.replace('/latest/meta-data/iam/security-credentials/', '')
    return path === '' ? saying(roles)(response) : credentials(response)
  })

const shimTo = (port: number): string => {
  const directory = mkdtempSync(join(tmpdir(), 'ir-cred-imds-'))
  const shim = join(directory, 'curl')
  writeFileSync(
    shim,
    `#!/bin/sh\nexec /usr/bin/env -i PATH=/usr/local/bin:/usr/bin:/bin curl --connect-to ::127.0.0.1:${port} "$@"\n`,
  )
  chmodSync(shim, 0o755)
  return directory
}

export interface ScriptRun {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
  /** Files that appeared where the script ran. */
  readonly directory: string
}

/** Runs a script for real in a shell whose curl reaches a metadata service of the test's instead of 169.254.169.254. */
export const runFor = async (shell: string, commands: readonly string[], imds: FakeImds): Promise<ScriptRun> => {
  const server = serving(imds)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  if (imds.token === 'refused') await new Promise((resolve) => server.close(resolve))
  const directory = shimTo(port)
  const script = join(directory, 'script.sh')
  writeFileSync(script, commands.join('\n'))
  const env = { PATH: `${directory}:/usr/local/bin:/usr/bin:/bin` }
  try {
    return await new Promise((resolve) => {
      execFile(shell, [script], { env, cwd: directory, timeout: 20_000, encoding: 'utf8' }, (error, stdout, stderr) =>
        resolve({ code: error ? Number(error.code) : 0, stdout, stderr, directory }),
      )
    })
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
