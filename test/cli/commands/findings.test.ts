import { afterEach, describe, expect, it, vi } from 'vitest'
import { findingsCommand } from '../../../src/cli/commands/findings.ts'
import { openAccount } from '../../../src/simulator/serve-account.ts'
import { createDispatcher } from '../../../src/simulator/wire/dispatch.ts'
import { serve } from '../../../src/simulator/wire/http-server.ts'
import type { Fault } from '../../../src/simulator/wire/message.ts'
import { askedBy } from '../../faults/operation.ts'
import { buildQuick } from '../../laws/whole-run.ts'
import { memoryHost } from '../../support/host.ts'
import { runInMemory } from '../../support/run-in-memory.ts'

afterEach(() => vi.unstubAllEnvs())

/** What `ir-cred findings --json` writes about an account, with something wrong on the way. */
const listed = async (fault: Fault, region: readonly string[]) => {
  const built = await buildQuick()
  const { answer, account } = openAccount(built)
  const dispatch = createDispatcher({ answer, now: () => account.clock.now() })
  const served = await serve((request) => (request.headers.authorization ? fault(request, dispatch) : dispatch(request)), {
    port: 0,
  })
  const { accessKeyId, secretAccessKey, sessionToken = '' } = built.cast.responder
  vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey)
  vi.stubEnv('AWS_SESSION_TOKEN', sessionToken)
  const { host, out, err } = memoryHost({ env: { HOME: '/nonexistent' } })
  try {
    await findingsCommand.run(host, { region, json: true, all: true, endpointUrl: served.endpoint })
    const lines: { readonly type: string; readonly region?: string; readonly why?: string }[] = out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    return { lines, err: err(), findings: [...account.findings.keys()] }
  } finally {
    await served.close()
  }
}

/** One finding of GetFindings has no severity that can be read. */
const broken: Fault = async (request, next) => {
  const response = await next(request)
  const { operation } = await askedBy(request)
  if (operation !== 'guardduty:GetFindings') return response
  const answer = JSON.parse(String(response.body))
  const [first, ...others] = answer.findings
  return { ...response, body: JSON.stringify({ ...answer, findings: [{ ...first, severity: 'high' }, ...others] }) }
}

describe('a list of findings', () => {
  it('names a finding that cannot be read and what is wrong with it, beside all others', async () => {
    const { lines, err, findings } = await listed(broken, ['us-east-1'])
    expect(lines.filter(({ type }) => type === 'finding').length).toBeGreaterThanOrEqual(findings.length - 2)
    expect(lines.filter(({ type }) => type === 'unreadableFinding')).toMatchObject([
      { region: 'us-east-1', why: expect.any(String) },
    ])
    expect(err).toMatch(/finding \S+ in us-east-1 cannot be read: /)
  })

  it('of several Regions says which one was not read, and shows those of the others', async () => {
    const denied: Fault = async (request, next) => {
      const { operation } = await askedBy(request)
      if (operation.startsWith('guardduty:') && request.headers.authorization?.includes('/eu-west-1/'))
        return {
          status: 403,
          headers: { 'content-type': 'application/json', 'x-amzn-errortype': 'AccessDeniedException', 'x-amzn-requestid': 'r' },
          body: '{"message":"with an explicit deny in a service control policy"}',
        }
      return next(request)
    }
    const { lines, err } = await listed(denied, ['eu-west-1', 'us-east-1'])
    expect(lines.some(({ type }) => type === 'finding')).toBe(true)
    expect(lines.filter(({ type }) => type === 'regionNotRead')).toMatchObject([{ region: 'eu-west-1' }])
    expect(err).toContain('eu-west-1 was not read: ')
  })
})

describe('a response', () => {
  it('to a finding that was named and cannot be read says what is wrong with it', async () => {
    const { result } = await runInMemory({ built: await buildQuick(), fault: broken, proofWait: 0 })
    expect(result.exitCode).not.toBe(0)
    expect(result.failure?.message).not.toMatch(/no such finding/)
    expect(result.failure?.message).toMatch(/severity/i)
  })
})
