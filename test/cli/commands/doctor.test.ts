import { afterEach, describe, expect, it, vi } from 'vitest'
import { responderPolicy } from '../../../src/aws/policy.ts'
import type { PolicyScope } from '../../../src/aws/policy-scope.ts'
import { runCommandLine } from '../../../src/cli/program.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
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
  /** What the responder's own policy is narrowed to. Without it the responder may do everything on every resource. */
  readonly narrowedTo?: Pick<PolicyScope, 'roles' | 'instances'>
  /** More arguments. */
  readonly args?: readonly string[]
}

/** Lets the responder have nothing but what `ir-cred policy --account … --region … --role … --instance-id …` prints. */
const narrow = ({ account }: BuiltScenario, { roles, instances }: Pick<PolicyScope, 'roles' | 'instances'>): void => {
  const role = account.roles.get('ir-responder')
  if (!role) throw new Error('the account has no responder')
  const place = { accounts: [account.id], regions: [account.region] }
  const policy = responderPolicy('respond', { ...place, roles, instances, protectedRoles: ['ir-responder'], awsDocuments: false })
  role.inline.clear()
  role.inline.set('ir-cred', { document: JSON.stringify(policy), writtenAt: 0 })
}

/** `ir-cred doctor --json` on a served account, with one answer of it changed. */
const doctor = async ({ fault = (request, next) => next(request), sessionLeft, region, narrowedTo, args = [] }: Doctor = {}) => {
  const built = await buildQuick()
  if (narrowedTo) narrow(built, narrowedTo)
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
      ...args,
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
      /^IAM’s simulation does not allow iam:PutRolePolicy, iam:UpdateAssumeRolePolicy on arn:aws:iam::111122223333:role\/service\/web-app; iam:AttachRolePolicy on /,
      { args: ['--role', 'web-app'], region: 'us-east-1', narrowedTo: { roles: ['another-role'], instances: [] } },
    ],
    [
      'a permission on which no resource can be named is missing',
      'permissions',
      /^IAM’s simulation does not allow sts:GetAccessKeyInfo; /,
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

describe('doctor, with a policy that `ir-cred policy` has narrowed', () => {
  const INSTANCE = 'i-08faaaafb15777f5a'
  const both = { roles: ['service/web-app'], instances: [INSTANCE] }

  it('finds it sufficient for the role and the instance that it is narrowed to', async () => {
    const { exitCode, red, warned } = await doctor({
      region: 'us-east-1',
      narrowedTo: both,
      args: ['--role', 'web-app', '--instance-id', INSTANCE],
    })
    expect({ exitCode, red }).toEqual({ exitCode: 0, red: [] })
    expect(warned.filter((says) => /judged|allow/.test(says))).toEqual([])
  })

  it('does not judge the rights on a role and an instance that are not named, and says which', async () => {
    const { exitCode, red, warned } = await doctor({ region: 'us-east-1', narrowedTo: both })
    expect({ exitCode, red }).toEqual({ exitCode: 0, red: [] })
    const unjudged = warned.filter((says) => says.startsWith('not judged: '))
    expect(unjudged.map((says) => says.replace(/\. IAM’s .*/, ''))).toEqual([
      expect.stringMatching(
        /^not judged: iam:PutRolePolicy, iam:UpdateAssumeRolePolicy on \S+:role\/\*; .*; lambda:UpdateFunctionConfiguration on \S+:function:\*; .*; iam:AttachRolePolicy on /,
      ),
    ])
  })

  it('finds it too little for another instance', async () => {
    const { exitCode, red } = await doctor({
      region: 'us-east-1',
      narrowedTo: both,
      args: ['--role', 'web-app', '--instance-id', 'i-0123456789abcdef0'],
    })
    expect(exitCode).toBe(4)
    expect(red.map(({ says }) => says)).toEqual([
      expect.stringContaining(
        'does not allow ec2:ModifyInstanceMetadataOptions, ec2:StartInstances, ec2:StopInstances, ec2:CreateSnapshots, ssm:SendCommand on ',
      ),
    ])
  })

  it('refuses what is no role or instance before it checks anything', async () => {
    const { host, err } = memoryHost({})
    expect(await runCommandLine(host, ['doctor', '--region', 'us-east-1', '--role', 'web app'])).toBe(2)
    expect(err()).toContain('--role "web app" is not a role')
  })
})
