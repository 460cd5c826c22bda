import * as autoscaling from '@aws-sdk/client-auto-scaling'
import * as ec2 from '@aws-sdk/client-ec2'
import * as iam from '@aws-sdk/client-iam'
import type { IssuedCredential } from '../../src/simulator/account/credentials.ts'
import type { OpenAccount } from '../../src/simulator/serve-account.ts'
import { createDispatcher } from '../../src/simulator/wire/dispatch.ts'
import { inProcessHandler } from '../../src/simulator/wire/in-process.ts'

/** The words of a command line as a POSIX shell reads it, as far as our commands go: plain words and single quotes. */
const shellWords = (line: string): readonly string[] =>
  [...line.matchAll(/(?:[^\s']+|'[^']*')+/g)].map(([word]) => word.replaceAll(/'([^']*)'/g, '$1'))

/** Options of the aws CLI that take a list. */
const LISTS = new Set(['instanceids', 'securitygroupruleids', 'userids', 'groupnames', 'usergroups', 'scalingprocesses'])

const letters = (name: string): string => name.replaceAll('-', '').toLowerCase()

/** Names of members by their letters; the CLI has lost which of them are capitals. */
const MEMBERS = new Map(
  `UserName RoleName GroupName AccessKeyId PolicyArn PolicyName PolicyDocument VersionId SerialNumber InstanceProfileName
   SAMLProviderArn OpenIDConnectProviderArn InstanceIds GroupId SecurityGroupRuleIds SnapshotId Attribute OperationType UserIds
   GroupNames ImageId UserGroups KeyName Status InstanceId AutoScalingGroupName ScalingProcesses MinSize Preferences
   ShouldDecrementDesiredCapacity DisableApiTermination`
    .split(/\s+/)
    .map((name) => [letters(name), name]),
)

/** Options without a word behind them. */
const FLAGS: Readonly<Record<string, unknown>> = {
  ShouldDecrementDesiredCapacity: true,
  DisableApiTermination: { Value: true },
}

/** Options whose words are no texts in the API. */
const READ: Readonly<Record<string, (word: string) => unknown>> = { MinSize: Number, Preferences: JSON.parse }

const inputOf = (options: readonly string[]): Record<string, unknown> => {
  const input: Record<string, unknown> = {}
  let member = ''
  for (const word of options) {
    if (word.startsWith('--')) {
      member = MEMBERS.get(letters(word)) ?? (word === '--region' ? '' : `unknown ${word}`)
      if (member in FLAGS) input[member] = FLAGS[member]
    } else if (LISTS.has(letters(member))) input[member] = [...((input[member] ?? []) as string[]), word]
    else if (member !== '') input[member] = READ[member]?.(word) ?? word
  }
  return input
}

type AnyCommand = new (input: object) => never

interface Shell {
  readonly opened: OpenAccount
  readonly by: IssuedCredential
}

/** The time as `date` gives it, quoted as our commands quote it. */
const DATE = `'"$(date -u +%Y-%m-%dT%H:%M:%SZ)"'`

/** Runs a line of commands for the aws CLI against an account with somebody's credentials, over the real SDK and wire. */
export const runAwsCommand = async (line: string, shell: Shell): Promise<void> => {
  const now = new Date(shell.opened.account.clock.now()).toISOString().replace(/\.\d+Z$/, 'Z')
  for (const command of line.replaceAll(DATE, now).split(' && ')) await runOne(command, shell)
}

const SDKS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = { iam, ec2, autoscaling }

const openFor = (service: string, config: object): { send(command: never): Promise<unknown> } => {
  if (service === 'iam') return new iam.IAMClient(config)
  return service === 'autoscaling' ? new autoscaling.AutoScalingClient(config) : new ec2.EC2Client(config)
}

const runOne = async (line: string, { opened, by }: Shell): Promise<void> => {
  const [aws, service, verb = '', ...options] = shellWords(line)
  const from: Readonly<Record<string, unknown>> | undefined = aws !== 'aws' ? undefined : SDKS[service ?? '']
  const name = Object.keys(from ?? {}).find((one) => one.toLowerCase() === `${letters(verb)}command`)
  if (!from || name === undefined) throw new Error(`nobody knows how to run ${line}`)
  const dispatch = createDispatcher({ answer: opened.answer, now: opened.account.clock.now })
  const { accessKeyId, secretAccessKey, sessionToken = '' } = by
  const config = {
    region: opened.account.region,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    requestHandler: inProcessHandler(dispatch),
    maxAttempts: 1,
  }
  const client = openFor(service ?? '', config)
  await client.send(new (from[name] as AnyCommand)(inputOf(options)))
}
