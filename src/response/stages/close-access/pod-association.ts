import {
  DeletePodIdentityAssociationCommand,
  DescribePodIdentityAssociationCommand,
  ListClustersCommand,
  ListPodIdentityAssociationsCommand,
  type PodIdentityAssociation,
} from '@aws-sdk/client-eks'
import { inEveryRegion, type UnreadRegion } from '../../../aws/every-region.ts'
import { isNotFound } from '../../../aws/failure.ts'
import { wholeList } from '../../../aws/pager.ts'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import type { Effect } from '../../../incident/entry.ts'
import { sourceId } from '../../../incident/facts/access.ts'
import type { SourceCredential } from '../../../incident/facts/issue.ts'
import { recipientOf } from '../../../incident/facts/recipient.ts'
import type { RoleSession } from '../../../incident/facts/subject.ts'
import { createAssociationWords } from '../../../incident/pod-association.ts'
import { delimited } from '../../../incident/values/delimited.ts'
import { given } from '../../../incident/values/given.ts'
import { arnOf } from '../../../incident/values/identifiers.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import type { Context } from '../../stage.ts'
import { trailRegions } from '../cloudtrail-regions.ts'
import { type Closing, closedAt, closedBefore, type FoundWay, isNotOffered, refusedNow } from './way.ts'

const OPERATION = 'eks:DeletePodIdentityAssociation'
const KIND = 'pod-identity'

interface Asked {
  readonly subject: RoleSession
  readonly source: SourceCredential | undefined
  /** The Region in which the session was issued: its cluster is there. */
  readonly region: string
}

/** An association, and the Region of its cluster. */
interface RegionalAssociation {
  readonly region: string
  readonly association: PodIdentityAssociation
}

/**
 * The associations of EKS Pod Identity that give the role to pods, in every Region: whoever is in one of them gets the next credentials
 * from the agent on its node. No list names a role, so that each association is described.
 */
export const podAssociationWays = async (incident: Closing, context: Context): Promise<readonly FoundWay[]> => {
  const { subject } = incident.facts
  if (subject.kind !== 'role-session' || recipientOf(subject).kind !== 'eks-pod') return []
  const region = subject.issue?.record?.region ?? subject.region
  const asked: Asked = { subject, source: subject.issue?.sources[0], region }
  const regions = [...new Set([region, ...trailRegions(subject.region, context)])]
  const { answers, notRead } = await inEveryRegion(regions, 'EKS Pod Identity', (one) => associationsOf(asked, one, context))
  const open = answers.flatMap(({ answer }) => answer).map((one) => openAssociation(incident, asked, one, context))
  const gone = closedBefore(incident, KIND, OPERATION, whatOf).filter(({ resource }) => {
    const isOpen = open.some(({ way }) => way.resource === resource)
    return !isOpen && arnOf(resource)?.service === 'eks' && !notRead.some((one) => one.region === arnOf(resource)?.region)
  })
  const closed = gone.map((way) => isGone(incident, asked, way, context))
  const isNone = open.length + closed.length === 0 && !notRead.some((one) => one.region === region)
  return [...open, ...closed, ...(isNone ? [none(incident, asked, context)] : []), ...notLookedAt(asked, notRead)]
}

const associationsOf = async (
  { subject, region: home }: Asked,
  region: string,
  context: Context,
): Promise<readonly RegionalAssociation[]> => {
  try {
    const found = await associationsIn(subject.role.arn, region, context)
    return found.map((association) => ({ region, association }))
  } catch (error) {
    if (isNotOffered(error) && region !== home) return []
    throw error
  }
}

const associationsIn = async (roleArn: string, region: string, context: Context): Promise<readonly PodIdentityAssociation[]> => {
  const { eks } = context.aws(region)
  const clusters = await wholeList(`EKS clusters in ${region}`, async (token) => {
    const page = await eks.send(new ListClustersCommand(given({ nextToken: token })))
    return { items: page.clusters, next: page.nextToken }
  })
  const found: PodIdentityAssociation[] = []
  for (const clusterName of clusters) {
    const listed = await wholeList(`associations of cluster ${clusterName}`, async (token) => {
      const page = await eks.send(new ListPodIdentityAssociationsCommand({ clusterName, ...given({ nextToken: token }) }))
      return { items: page.associations, next: page.nextToken }
    })
    for (const { associationId } of listed) {
      const association = await describeAssociation(clusterName, associationId, region, context)
      if (association?.roleArn === roleArn || association?.targetRoleArn === roleArn) found.push(association)
    }
  }
  return found
}

const describeAssociation = async (
  clusterName: string,
  associationId: string | undefined,
  region: string,
  context: Context,
): Promise<PodIdentityAssociation | undefined> => {
  try {
    const asked = new DescribePodIdentityAssociationCommand({ clusterName, associationId })
    return (await context.aws(region).eks.send(asked)).association
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** `association <cluster>/<id>`, out of its ARN. */
const whatOf = (arn: string): string => arn.replace(/^.*:podidentityassociation\//, 'association ')

const sourceOf = ({ source }: Asked) => given({ source: source && sourceId(source) })

const openAssociation = (
  incident: Closing,
  asked: Asked,
  { region, association }: RegionalAssociation,
  context: Context,
): FoundWay => {
  const { associationArn = '', clusterName = '', associationId = '', namespace = '', serviceAccount = '' } = association
  const { role } = asked.subject
  const ids = `--cluster-name ${shellWord(clusterName)} --association-id ${shellWord(associationId)}`
  const way = {
    ...({ kind: KIND, resource: associationArn, what: whatOf(associationArn) } as const),
    ...sourceOf(asked),
    state: 'open' as const,
    command: awsCommandFor(context.setting)(`eks delete-pod-identity-association ${ids}`, region),
  }
  const pods = `the pods of service account ${delimited(serviceAccount)} in namespace ${delimited(namespace)}`
  const says = `gives role ${role.name} to ${pods}: whoever is in one of them gets new credentials`
  const refused = refusedNow(incident, OPERATION, associationArn)
  if (refused !== undefined) return { way: { ...way, says: `${says}; AWS refused ${OPERATION} (${refused})` } }
  const effect: Effect = {
    operation: OPERATION,
    resource: associationArn,
    parameters: { clusterName, associationId },
    sentence: `delete association ${associationId} of cluster ${clusterName}, by which ${pods} get role ${role.name}`,
    cost: `${pods} are cut off, the owner’s too: they get no credentials of the role until the association is there again`,
    undo: 'create it again with the same values, once the pods are clean',
    undoCommand: awsCommandFor(context.setting)(createAssociationWords(association), region),
  }
  return {
    way: { ...way, says },
    closing: { effects: [effect], close: (within) => deleteAssociation(association, region, effect, within) },
  }
}

/** What a lift creates again is kept before it is deleted. Where a secret was redacted from it, it is no before-image. */
const deleteAssociation = async (
  association: PodIdentityAssociation,
  region: string,
  effect: Effect,
  { keep, recall, write, aws }: Context,
): Promise<void> => {
  const { clusterName, associationId } = association
  const image = JSON.stringify(association)
  const prior = await keep(`pod-identity-association-before-${associationId}`, image)
  const isWhole = (await recall(prior)) === image
  await write(aws(region).eks, new DeletePodIdentityAssociationCommand({ clusterName, associationId }), effect, {
    planned: given({ priorDocument: isWhole ? prior : undefined }),
  })
}

/** One that was seen or deleted before, and is not there any more. */
const isGone = (incident: Closing, asked: Asked, way: Pick<FoundWay['way'], 'resource' | 'what'>, context: Context): FoundWay => {
  const { resource, what } = way
  const at = closedAt(incident, { kind: KIND, resource }, OPERATION, context.now())
  return {
    way: { kind: KIND, resource, what, ...sourceOf(asked), ...at, state: 'closed', says: 'is deleted, as it was read back' },
  }
}

const none = (incident: Closing, asked: Asked, context: Context): FoundWay => {
  const { role } = asked.subject
  const way = { kind: KIND, resource: role.arn, what: 'EKS Pod Identity', ...sourceOf(asked) } as const
  const at = closedAt(incident, way, OPERATION, context.now())
  return { way: { ...way, ...at, state: 'closed', says: `has no association of role ${role.name} in ${asked.region}` } }
}

/**
 * What was not looked at: the Region of the issue, and the others together. The session's own pods are in the first, so that what another
 * Region does not show keeps no alarm.
 */
const notLookedAt = (asked: Asked, unread: readonly UnreadRegion[]): readonly FoundWay[] => {
  const { role } = asked.subject
  const home = unread.filter(({ region }) => region === asked.region)
  return [home, unread.filter((one) => !home.includes(one))].flatMap((some): readonly FoundWay[] => {
    const [first] = some
    const where = some.map(({ region }) => region).join(', ')
    const way = {
      kind: KIND,
      resource: `${role.arn} in ${where}`,
      what: `EKS Pod Identity in ${where}`,
      state: 'unknown',
    } as const
    const says = `may give role ${role.name} to pods, and was not looked at: eks:ListClusters ${first?.why}`
    return first ? [{ way: { ...way, ...(some === home ? sourceOf(asked) : {}), says } }] : []
  })
}
