import { ListGraphsCommand } from '@aws-sdk/client-detective'
import { GetDetectorCommand, ListDetectorsCommand } from '@aws-sdk/client-guardduty'
import { DescribeInstanceInformationCommand } from '@aws-sdk/client-ssm'
import { skewOf } from '../../aws/clock.ts'
import type { PolicyScope } from '../../aws/policy-scope.ts'
import { duration } from '../../incident/values/duration.ts'
import { Failure } from '../../incident/values/failure.ts'
import { secondsBetween, wholeSecond } from '../../incident/values/instant.ts'
import { asciiJson } from '../../incident/values/show.ts'
import type { Command } from '../command.ts'
import { withCommandName } from '../command-name.ts'
import type { AwsConnection } from '../connection/aws-connection.ts'
import { openLive } from '../connection/live.ts'
import { asked, type CheckResult, ok, problem, warn } from '../doctor/check-result.ts'
import { type CheckedTargets, checkedScope, checkPermissions } from '../doctor/permissions.ts'
import { FINISHED, failed } from '../exit-code.ts'
import type { Host } from '../host.ts'
import { type CommonOptions, connectionRequestOf, outputRequestOf } from '../options.ts'
import { sayEndpoint } from '../say-endpoint.ts'
import { sayWaiting } from '../tty.ts'

/** The options of `ir-cred doctor`, as commander parses them. */
type DoctorOptions = CommonOptions & CheckedTargets

/** `ir-cred doctor`: whether a response could be made from here, before one has to be. Reads only. */
export const doctorCommand: Command<DoctorOptions> = {
  run: async (host, options) => {
    checkedScope(options)
    const say = sayWaiting(host, outputRequestOf(options))
    const connection = await openLive(connectionRequestOf(options), host, { observer: { onCall: () => {} }, say })
    sayEndpoint(connection, host, outputRequestOf(options))
    const scope = checkedScope(options, connection.setting)
    const problems: string[] = []
    for (const check of [machine, identity, detector, graph, permissions, ssmReach]) {
      for (const checked of withCommandName(await check(connection, host, scope), host.commandName)) {
        host.stdout.write(
          options.json
            ? `${asciiJson({ type: 'check', ...checked })}\n`
            : `${checked.state.padEnd(8)} ${checked.check.padEnd(12)} ${checked.says}\n`,
        )
        if (checked.state === 'problem') problems.push(checked.check)
      }
    }
    return { outcome: problems.length === 0 ? FINISHED : failed(wouldStop(problems)) }
  },
}

const wouldStop = (problems: readonly string[]): Failure =>
  new Failure({
    kind: 'identity',
    what: `a response from here would be stopped: ${[...new Set(problems)].join(', ')}`,
    remedy: 'solve each problem above, then run `ir-cred doctor` again',
  })

type Check = (connection: AwsConnection, host: Host, scope: PolicyScope) => Promise<readonly CheckResult[]>

const machine: Check = async ({ clock }, host) => {
  const skew = skewOf(clock, host.clock())
  const { undecided, aws, machine } = clock.reading()
  return [
    Number(host.nodeVersion.split('.')[0]) < 22
      ? warn('node', `Node ${host.nodeVersion}: AWS SDK releases after the first week of January 2027 need Node 22`)
      : ok('node', `Node ${host.nodeVersion}`),
    undecided
      ? problem(
          'clock',
          `AWS’s answers say ${aws && wholeSecond(aws)}, this machine ${machine && wholeSecond(machine)}; a response asks which is right before it writes a cut-off`,
        )
      : Math.abs(skew) > 2
        ? warn(
            'clock',
            `this machine is ${Math.abs(skew)} s ${skew > 0 ? 'ahead of' : 'behind'} AWS; harmless, cut-offs use AWS’s time`,
          )
        : ok('clock', 'this machine agrees with AWS'),
    ...(host.env.HTTPS_PROXY || host.env.https_proxy
      ? [warn('proxy', 'HTTPS_PROXY is set, and the AWS SDK does not use it; ir-cred connects directly')]
      : []),
    ...(host.env.AWS_CA_BUNDLE ? [warn('proxy', 'AWS_CA_BUNDLE is not read; set NODE_EXTRA_CA_CERTS to the same file')] : []),
  ]
}

const identity: Check = async ({ setting, sessionExpiresAt, clock, regions }) => [
  ok('identity', `${setting.responderArn} in account ${setting.accountId}${setting.simulated ? ' (simulated)' : ''}`),
  ok('region', regions.join(', ')),
  sessionExpiresAt && secondsBetween(clock.now(), sessionExpiresAt) < 1800
    ? problem(
        'session',
        `ends in ${duration(secondsBetween(clock.now(), sessionExpiresAt))}; a response takes up to half an hour`,
      )
    : ok('session', sessionExpiresAt ? `ends at ${wholeSecond(sessionExpiresAt)}` : 'the credentials name no end'),
]

/** Only the Region of the response must have GuardDuty: in the others it is searched as far as it answers. */
const detector: Check = async (connection) => {
  const found: CheckResult[] = []
  for (const region of connection.regions) {
    const checked = await asked('GuardDuty', () => detectorOf(region, connection))
    const isElsewhere = region !== connection.setting.region
    found.push(
      checked.state === 'problem' && isElsewhere ? warn('GuardDuty', `${checked.says}; no finding there is seen`) : checked,
    )
  }
  return found
}

const detectorOf = async (region: string, { aws }: AwsConnection): Promise<CheckResult> => {
  const { DetectorIds } = await aws(region).guardduty.send(new ListDetectorsCommand({}))
  const [id] = DetectorIds ?? []
  if (!id) return problem('GuardDuty', `not enabled in ${region}`)
  const { Status } = await aws(region).guardduty.send(new GetDetectorCommand({ DetectorId: id }))
  return Status === 'ENABLED'
    ? ok('GuardDuty', `detector ${id} in ${region}`)
    : problem('GuardDuty', `detector ${id} in ${region} is ${Status}`)
}

const graph: Check = async ({ aws, setting }) => [
  await asked('Detective', async () => {
    const { GraphList } = await aws(setting.region).detective.send(new ListGraphsCommand({}))
    const [first] = GraphList ?? []
    return first?.Arn
      ? ok('Detective', first.Arn)
      : warn(
          'Detective',
          `this account administers no behaviour graph in ${setting.region}; CloudTrail answers without it, and --detective-profile names an account that does`,
        )
  }),
]

const permissions: Check = async (connection, _, scope) => {
  const checked = await asked('permissions', () => checkPermissions(scope, connection))
  return 'state' in checked ? [checked] : checked
}

const ssmReach: Check = async ({ aws, setting }) => [
  await asked('SSM', async () => {
    const { InstanceInformationList } = await aws(setting.region).ssm.send(
      new DescribeInstanceInformationCommand({ MaxResults: 50 }),
    )
    const nodes = InstanceInformationList ?? []
    const online = nodes.filter(({ PingStatus }) => PingStatus === 'Online').length
    return nodes.length === 0
      ? warn('SSM', `no managed node in ${setting.region}; a rotation could not be verified on an instance`)
      : ok('SSM', `${online} of ${nodes.length} managed nodes shown are online`)
  }),
]
