import { DescribeSnapshotsCommand } from '@aws-sdk/client-ec2'
import { ListCommandsCommand } from '@aws-sdk/client-ssm'
import { apiCalls } from '../../aws/calls.ts'
import type { AwsClients } from '../../aws/clients.ts'
import { closingCalls } from '../../aws/closing-calls.ts'
import { unreadReason } from '../../aws/failure.ts'
import { laterCalls } from '../../aws/later-calls.ts'
import { wholeList } from '../../aws/pager.ts'
import { given } from '../../incident/values/given.ts'
import { type Instant, instantOf, parseInstant } from '../../incident/values/instant.ts'
import { globalRegions } from '../../incident/values/partition.ts'
import { lookupEvents } from '../../investigation/sources/lookup-events.ts'
import type { Anchor, AnchorPlace } from './compare-anchors.ts'

/** Which incident's anchors are read, and where. */
export interface AnchorQuestion {
  readonly incident: string
  /** Where the instance is, and EC2 and Systems Manager were called. */
  readonly region: string
  readonly from: Instant
  readonly until: Instant
  /** The role's name and the instance's id. Empty where the journal does not say: then every write with a head is of this incident. */
  readonly targets: readonly string[]
}

export interface ReadAnchors {
  readonly anchors: readonly Anchor[]
  /** The places that gave a whole answer. */
  readonly read: ReadonlySet<AnchorPlace>
  /** Why some places or events may be missing, a sentence each. */
  readonly incomplete: readonly string[]
}

/** All heads of an incident's journal that AWS keeps. Reads only. Throws what concerns the whole run; a place that is refused stands in `incomplete`. */
export const readAnchors = async (
  aws: (region: string) => AwsClients,
  question: AnchorQuestion,
  progress: (what: string) => void,
): Promise<ReadAnchors> => {
  const incomplete: string[] = []
  const anchors: Anchor[] = []
  const read = new Set<AnchorPlace>()
  for (const { place, action, look } of PLACES) {
    progress(`reading ${place}`)
    try {
      const found = await look(aws, question, progress)
      anchors.push(...found.anchors)
      incomplete.push(...found.incomplete)
      if (found.incomplete.length === 0 || found.anchors.length > 0) read.add(place)
    } catch (error) {
      const why = unreadReason(error)
      if (why === undefined) throw error
      incomplete.push(`${place} could not be read: ${action} ${why}`)
    }
  }
  return { anchors, read, incomplete }
}

interface FoundAnchors {
  readonly anchors: readonly Anchor[]
  readonly incomplete: readonly string[]
}

type Look = (
  aws: (region: string) => AwsClients,
  question: AnchorQuestion,
  progress: (what: string) => void,
) => Promise<FoundAnchors>

/** Every write that ir-cred can make, as CloudTrail names it, and where it is recorded. */
const lookups = ({ region }: AnchorQuestion): readonly { readonly eventName: string; readonly region: string }[] =>
  [...apiCalls, ...closingCalls, ...laterCalls]
    .filter(({ access }) => access === 'write')
    .flatMap(({ service, operation }) =>
      (service === 'iam' ? globalRegions(region) : [region]).map((where) => ({ eventName: operation, region: where })),
    )

const inCloudTrail: Look = async (aws, question, progress) => {
  const { from, until } = question
  const anchors: Anchor[] = []
  const incomplete: string[] = []
  for (const { eventName, region } of lookups(question)) {
    progress(`reading CloudTrail in ${region}: ${eventName}`)
    const lookup = { attribute: 'EventName' as const, value: eventName, from, until }
    const found = await lookupEvents(aws(region).cloudtrail, region, lookup)
    incomplete.push(...found.incomplete)
    anchors.push(...found.raw.flatMap((text) => recordAnchor(text, question)))
  }
  return { anchors, incomplete }
}

/** The head in a user agent. */
const HEAD = /(?:^|[\s(])journal\/([0-9a-f]{16})(?=$|[\s)])/

const recordAnchor = (text: string, question: AnchorQuestion): readonly Anchor[] => {
  const record = membersOf(parsed(text))
  const head = HEAD.exec(textAt(record.userAgent))?.[1]
  if (head === undefined) return []
  const at = parseInstant(record.eventTime)
  return [
    {
      place: 'CloudTrail',
      eventName: textAt(record.eventName),
      head,
      id: textAt(record.eventID),
      isOfIncident: names(JSON.stringify([record.requestParameters, record.responseElements]), question),
      ...given({
        at: at || undefined,
        requestId: textAt(record.requestID) || undefined,
        callerArn: textAt(membersOf(record.userIdentity).arn) || undefined,
      }),
    },
  ]
}

const names = (parameters: string, { incident, targets }: AnchorQuestion): boolean =>
  targets.length === 0 ||
  targets.some((target) => parameters.includes(JSON.stringify(target))) ||
  new RegExp(`\\b${incident}(?![\\w-])`).test(parameters)

const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {}

const textAt = (value: unknown): string => (typeof value === 'string' ? value : '')

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const inSystemsManager: Look = async (aws, { incident, region, from }) => {
  const Filters = [{ key: 'InvokedAfter' as const, value: from.replace(/\.\d+Z$/, 'Z') }]
  const commands = await wholeList('commands since the incident began', async (NextToken) => {
    const answer = await aws(region).ssm.send(new ListCommandsCommand({ Filters, NextToken }))
    return { items: answer.Commands, next: answer.NextToken }
  })
  const ours = new RegExp(`^ir-cred ${incident} \\w{1,32} journal/([0-9a-f]{16})$`)
  const anchors = commands.flatMap(({ CommandId = '', Comment = '', RequestedDateTime }): readonly Anchor[] => {
    const head = ours.exec(Comment)?.[1]
    const at = RequestedDateTime && instantOf(RequestedDateTime)
    return head === undefined
      ? []
      : [
          {
            ...{ place: 'Systems Manager', eventName: 'SendCommand', head, id: CommandId, isOfIncident: true },
            ...given({ at }),
          },
        ]
  })
  return { anchors, incomplete: [] }
}

const onSnapshots: Look = async (aws, { incident, region }) => {
  const Filters = [{ Name: 'tag:ir-cred:incident', Values: [incident] }]
  const snapshots = await wholeList('snapshots of the incident', async (NextToken) => {
    const answer = await aws(region).ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], Filters, NextToken }))
    return { items: answer.Snapshots, next: answer.NextToken }
  })
  const anchors = snapshots.flatMap(({ SnapshotId = '', Tags = [], StartTime }): readonly Anchor[] => {
    const head = Tags.find(({ Key }) => Key === 'ir-cred:journal')?.Value ?? ''
    const at = StartTime && instantOf(StartTime)
    return /^[0-9a-f]{16}$/.test(head)
      ? [
          {
            ...{ place: 'snapshot tag', eventName: 'CreateSnapshots', head, id: SnapshotId, isOfIncident: true },
            ...given({ at }),
          },
        ]
      : []
  })
  return { anchors, incomplete: [] }
}

const PLACES: readonly { readonly place: AnchorPlace; readonly action: string; readonly look: Look }[] = [
  { place: 'CloudTrail', action: 'cloudtrail:LookupEvents', look: inCloudTrail },
  { place: 'Systems Manager', action: 'ssm:ListCommands', look: inSystemsManager },
  { place: 'snapshot tag', action: 'ec2:DescribeSnapshots', look: onSnapshots },
]
