import { type Instance, ModifyInstanceMetadataOptionsCommand } from '@aws-sdk/client-ec2'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import type { Effect } from '../../../incident/entry.ts'
import { isOfTheInstance } from '../../../incident/facts/issue.ts'
import { type InstanceRoleSession, namesInstance } from '../../../incident/facts/subject.ts'
import type { Context } from '../../stage.ts'
import { describeInstance } from '../identify-subject/resources.ts'
import { readOr, type Unread } from '../optional-read.ts'
import { type Closing, closedAt, type FoundWay, isKnownWay, refusedNow } from './way.ts'

const OPERATION = 'ec2:ModifyInstanceMetadataOptions'

/** The metadata service of the instance: IMDSv1 hands the new credentials to whoever can make the workload fetch an address. */
export const metadataWays = async (incident: Closing, context: Context): Promise<readonly FoundWay[]> => {
  const { subject } = incident.facts
  if (!namesInstance(subject) || !isOfTheInstance(subject)) return []
  const { instanceId, region } = subject
  const unread: Unread = []
  const asked = { what: `how ${instanceId} answers metadata requests`, operation: 'ec2:DescribeInstances', otherwise: undefined }
  const instance = await readOr(unread, asked, () => describeInstance(context, region, instanceId))
  const resource = `instance/${instanceId}`
  const way = { kind: 'metadata-options' as const, resource, what: `the metadata service of ${instanceId}` }
  if (unread.length > 0) return [{ way: { ...way, state: 'unknown', says: unread.join('; ') } }]
  const options = openOptions(instance)
  if (options === undefined) {
    if (!isKnownWay(incident, way, OPERATION)) return []
    return [{ way: { ...way, ...closedAt(incident, way, OPERATION, context.now()), state: 'closed', says: CLOSED } }]
  }
  const says = options.tokens === 'required' ? `answers at hop limit ${options.hops}` : IMDS_V1
  const command = awsCommandFor(context.setting)(
    `${MODIFY} ${instanceId} --http-tokens required --http-put-response-hop-limit 1`,
    region,
  )
  const refused = refusedNow(incident, OPERATION, resource)
  if (refused !== undefined)
    return [{ way: { ...way, state: 'open', says: `${says}: AWS refused ${OPERATION} (${refused})`, command } }]
  const effect = optionsEffect(subject, options, context)
  return [
    {
      way: { ...way, state: 'open', says, command },
      closing: {
        effects: [effect],
        close: async ({ write, aws, keep }) => {
          await keep('metadata-options-before', instance?.MetadataOptions)
          await write(aws(region).ec2, new ModifyInstanceMetadataOptionsCommand(optionsInput(instanceId)), effect)
        },
      },
    },
  ]
}

const MODIFY = 'ec2 modify-instance-metadata-options --instance-id'
const CLOSED = 'answers IMDSv2 only, at hop limit 1'
const IMDS_V1 = 'answers IMDSv1: a request that the workload is made to forward reads the credentials'

const optionsInput = (instanceId: string) => ({
  InstanceId: instanceId,
  HttpTokens: 'required' as const,
  HttpPutResponseHopLimit: 1,
})

interface OpenOptions {
  readonly tokens: 'optional' | 'required'
  readonly hops: number
}

/** What is more open than it has to be; undefined where nothing is, the service is switched off, or EC2 does not say. */
const openOptions = (instance: Instance | undefined): OpenOptions | undefined => {
  const { HttpEndpoint, HttpTokens, HttpPutResponseHopLimit: hops = 1 } = instance?.MetadataOptions ?? {}
  if (HttpEndpoint === 'disabled' || HttpTokens === undefined) return undefined
  const tokens = HttpTokens === 'required' ? 'required' : 'optional'
  return tokens === 'required' && hops <= 1 ? undefined : { tokens, hops }
}

const optionsEffect = (
  { instanceId, region }: InstanceRoleSession,
  { tokens, hops }: OpenOptions,
  { setting }: Context,
): Effect => {
  const costs = [
    tokens === 'optional' &&
      'what still uses IMDSv1 on it gets no credentials any more (CloudWatch’s metric MetadataNoToken of the instance says whether something does)',
    hops > 1 &&
      'containers with a network of their own (Docker, ECS in bridge mode, pods) no longer reach the metadata service: on a container host, give them roles of their own',
  ].filter((cost) => cost !== false)
  return {
    operation: OPERATION,
    resource: `instance/${instanceId}`,
    parameters: optionsInput(instanceId),
    sentence: `require IMDSv2 on ${instanceId}${hops > 1 ? `, and lower the hop limit from ${hops} to 1` : ''}`,
    cost: costs.join('; '),
    undo: 'set the earlier options again; IMDSv1 is best left off',
    undoCommand: awsCommandFor(setting)(
      `${MODIFY} ${instanceId} --http-tokens ${tokens} --http-put-response-hop-limit ${hops}`,
      region,
    ),
  }
}
