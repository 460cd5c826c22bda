import { afterEach, describe, expect, it, vi } from 'vitest'
import { runCommandLine } from '../../../src/cli/program.ts'
import { openAccount } from '../../../src/simulator/serve-account.ts'
import { createDispatcher } from '../../../src/simulator/wire/dispatch.ts'
import { serve } from '../../../src/simulator/wire/http-server.ts'
import type { Fault } from '../../../src/simulator/wire/message.ts'
import { answers, breaks } from '../../faults/kinds.ts'
import { memoryHost } from '../../laws/memory-host.ts'
import { buildQuick } from '../../laws/whole-run.ts'

afterEach(() => void vi.unstubAllEnvs())

interface Doctor {
  readonly fault?: Fault
  /** Without it every enabled Region is checked, and us-east-1 is the default one. */
  readonly region?: string
  /** Seconds until the responder's session ends; it names no end when this is missing. */
  readonly sessionLeft?: number
}

/** `ir-cred doctor --json` on a served account, with one answer of it changed. */
const doctor = async ({ fault = (request, next) => next(request), sessionLeft, region }: Doctor = {}) => {
  const built = await buildQuick()
  const { answer, account } = openAccount(built)
  const dispatch = createDispatcher({ answer, now: () => account.clock.now() })
  const served = await serve((request) => fault(request, dispatch), { port: 0 })
  const { accessKeyId, secretAccessKey, sessionToken = '' } = built.cast.responder
  vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId)
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey)
  vi.stubEnv('AWS_SESSION_TOKEN', sessionToken)
  vi.stubEnv('AWS_REGION', 'us-east-1')
  if (sessionLeft !== undefined)
    vi.stubEnv('AWS_CREDENTIAL_EXPIRATION', new Date(account.clock.now() + sessionLeft * 1000).toISOString())
  const { host, out, err } = memoryHost({})
  try {
    const exitCode = await runCommandLine(host, [
      ...['doctor', '--json', '--endpoint-url', served.endpoint],
      ...(region ? ['--region', region] : []),
    ])
    const checks: { check: string; state: string; says: string }[] = out()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const of = (wanted: string) => checks.filter(({ state }) => state === wanted)
    return { exitCode, err: err(), red: of('problem'), warned: of('warning').map(({ says }) => says) }
  } finally {
    await served.close()
  }
}

/** The same answer with some words replaced. */
const replacing = (operation: string, from: RegExp, to: string): Fault =>
  answers(operation, async (_asked, next) => {
    const response = await next()
    expect(response.body).toMatch(from)
    return { ...response, body: response.body.replace(from, to) }
  })

describe('doctor', () => {
  it('ends with 0 and no failure when nothing would stop a response', async () => {
    expect(await doctor({ region: 'us-east-1' })).toMatchObject({ exitCode: 0, err: '', red: [] })
  })

  it('warns where GuardDuty is not enabled in another Region than the default one, which stops no response', async () => {
    const { exitCode, red, warned } = await doctor()
    expect({ exitCode, red }).toEqual({ exitCode: 0, red: [] })
    expect(warned).toEqual(
      expect.arrayContaining([
        'not enabled in eu-west-1; no finding there is seen',
        'not enabled in us-west-2; no finding there is seen',
      ]),
    )
  })

  it('accepts a session that lasts half an hour', async () => {
    expect(await doctor({ sessionLeft: 1830 })).toMatchObject({ exitCode: 0, red: [] })
  })

  it.each<[what: string, check: string, says: RegExp, Doctor]>([
    ['the session ends too soon', 'session', /^ends in /, { sessionLeft: 1700 }],
    [
      'GuardDuty is not enabled',
      'GuardDuty',
      /^not enabled in us-east-1$/,
      { fault: replacing('guardduty:ListDetectors', /\["[^\]]*\]/, '[]') },
    ],
    [
      'the detector is suspended',
      'GuardDuty',
      /is DISABLED$/,
      { fault: replacing('guardduty:GetDetector', /"ENABLED"/, '"DISABLED"') },
    ],
    [
      'a permission is missing',
      'permissions',
      /^IAM’s simulation does not allow on every resource: /,
      { fault: replacing('iam:SimulatePrincipalPolicy', />allowed</, '>implicitDeny<') },
    ],
    ['GuardDuty cannot be asked', 'GuardDuty', /Denied/, { fault: breaks('denied', { operation: 'guardduty:ListDetectors' }) }],
    ['Detective cannot be asked', 'Detective', /Denied/, { fault: breaks('denied', { operation: 'detective:ListGraphs' }) }],
    ['IAM cannot be asked', 'permissions', /Denied/, { fault: breaks('denied', { operation: 'iam:SimulatePrincipalPolicy' }) }],
    [
      'Systems Manager cannot be asked',
      'SSM',
      /Denied/,
      { fault: breaks('denied', { operation: 'ssm:DescribeInstanceInformation' }) },
    ],
  ])('ends with 4 and names the check when %s', async (_, check, says, given) => {
    const { exitCode, err, red } = await doctor(given)
    expect(red).toEqual([{ type: 'check', check, state: 'problem', says: expect.stringMatching(says) }])
    expect(err).toMatch(new RegExp(`would be stopped: ${check}\n → .*\n?exit 4\n$`))
    expect(exitCode).toBe(4)
  })
})
