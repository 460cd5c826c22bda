import type { BlastRadius, Consumer, InstanceDescription, InstanceRadius } from '../../incident/facts/facts.ts'
import { namesInstance } from '../../incident/facts/subject.ts'
import { type Block, fields, type Line, list, text, warning } from '../../incident/values/block.ts'
import { given } from '../../incident/values/given.ts'
import { rawText } from '../../incident/values/untrusted.ts'
import { defineStage, established } from '../stage.ts'
import type { Unread } from './optional-read.ts'
import { firstStop } from './restart-instance/life.ts'
import { instanceDescription, permissions } from './scope-blast-radius/instance.ts'
import { targetGroupsLine, targetGroupsOf } from './scope-blast-radius/load-balancing.ts'
import { consumersOf, roleFootprint } from './scope-blast-radius/role.ts'
import { ssmLine, ssmReach, withoutSsm } from './scope-blast-radius/ssm.ts'
import { storageOf, storageWarnings } from './scope-blast-radius/storage.ts'

/** Scopes what the response will hit: who else uses the role, what the restart costs, and whether the instance can be restarted at all. */
export const scopeBlastRadius = defineStage({
  id: 'scope-blast-radius',
  phase: 'detect',
  title: 'Scope the blast radius',
  needs: ['subject'],
  establishes: 'blastRadius',
  before: 'preserve-evidence',
  async assess(incident, context) {
    const { subject } = incident.facts
    const ofInstance = namesInstance(subject) ? subject : undefined
    const instance = ofInstance && (await instanceDescription(ofInstance, context))
    if (instance && 'status' in instance) return instance
    const consumersUnread: Unread = []
    const consumers = await consumersOf(subject, context, consumersUnread)
    const footprint = await roleFootprint(subject, context)
    const unread: Unread = [...consumersUnread, ...footprint.remarks]
    const permitted = ofInstance ? await permissions(ofInstance, context, unread) : NOT_ASKED
    const storage = instance && (await storageOf(instance, context, unread))
    const targetGroups = instance && (await targetGroupsOf(instance, context, unread))
    // Since this incident's stop the agent may not have come back: how it was before cannot be seen any more.
    const before = firstStop(incident) && incident.earlier.blastRadius?.ssm
    const ssm = before ?? (ofInstance && (await ssmReach(ofInstance, context)))
    return established<BlastRadius>({
      ...{ consumers, permitted, ...footprint },
      ...given({
        instance,
        storage,
        targetGroups,
        ssm,
        consumersUnread: consumersUnread.length > 0 ? consumersUnread : undefined,
      }),
      remarks: [...(instance?.unread ?? []), ...unread],
    })
  },
  describe: (radius) => radiusBlocks(radius),
  changes: (before, now) => radiusChanges(before, now),
})

const NOT_ASKED: BlastRadius['permitted'] = { stop: 'unknown', start: 'unknown', snapshots: 'unknown' }

/** What is different about the instance, and who began or ceased to use the role. */
const radiusChanges = (before: BlastRadius, now: BlastRadius): readonly Line[] => {
  const nameOf = ({ name }: Consumer): string => name
  const [known, current] = [before.consumers.map(nameOf), now.consumers.map(nameOf)]
  return [
    ...(before.instance && now.instance ? instanceChanges(before.instance, now.instance) : []),
    // Who is missing in a list that could not be read to the end may be on the role all the same.
    ...(before.consumersUnread ? [] : current.filter((name) => !known.includes(name))).map((name) => `${name} uses the role now`),
    ...(now.consumersUnread ? [] : known.filter((name) => !current.includes(name))).map(
      (name) => `${name} does not use the role any more`,
    ),
  ]
}

const instanceChanges = (was: InstanceDescription, is: InstanceDescription): readonly Line[] => {
  const group = is.autoScalingGroup && rawText(is.autoScalingGroup)
  return [
    ...(is.state === was.state ? [] : [`${is.id} is ${is.state}; it was ${was.state}`]),
    ...(is.launchTime === was.launchTime
      ? []
      : [[`${is.id} was launched `, { at: is.launchTime }, '; before: ', { at: was.launchTime }]]),
    ...(group === (was.autoScalingGroup && rawText(was.autoScalingGroup))
      ? []
      : [
          is.autoScalingGroup
            ? [`${is.id} is in Auto Scaling group `, is.autoScalingGroup]
            : `${is.id} is in no Auto Scaling group any more`,
        ]),
    ...(is.stopProtection === was.stopProtection
      ? []
      : [`${is.id} ${is.stopProtection ? 'has stop protection' : 'has no stop protection any more'}`]),
    ...(is.profileArn === was.profileArn
      ? []
      : [
          `${is.id} has ${is.profileArn ? `instance profile ${is.profileArn}` : 'no instance profile'}; before: ${was.profileArn ?? 'none'}`,
        ]),
    ...(is.publicIp === was.publicIp
      ? []
      : [
          `${is.id} has ${is.publicIp ? `public address ${is.publicIp}` : 'no public address'}; before: ${was.publicIp ?? 'none'}`,
        ]),
  ]
}

const radiusBlocks = (radius: BlastRadius): readonly Block[] => {
  const { consumers } = radius
  return [
    ...(isOfInstance(radius) ? instanceBlocks(radius) : []),
    text(
      consumers.length === 0
        ? 'ir-cred sees nobody else who loses access with the revocation.'
        : `${consumers.length} ${radius.instance ? 'other ' : ''}consumer${consumers.length === 1 ? '' : 's'} of this role lose${consumers.length === 1 ? 's' : ''} access with the revocation:`,
    ),
    ...(consumers.length > 0 ? [list(consumers.map(consumerLine))] : []),
    ...warnings(radius),
    ...(isOfInstance(radius) ? storageWarnings(radius) : []),
    ...radius.remarks.map((remark) => text(`note: ${remark}`)),
  ]
}

const isOfInstance = (radius: BlastRadius): radius is InstanceRadius => radius.instance !== undefined

const instanceBlocks = (radius: InstanceRadius): readonly Block[] => {
  const { instance, permitted } = radius
  const loadBalancing = targetGroupsLine(radius)
  return [
    fields(
      [
        'instance',
        [
          `${instance.id}, ${instance.state} since `,
          { at: instance.launchTime },
          `, ${instance.platform}, root on ${instance.rootDeviceType}`,
        ],
      ],
      instance.name ? ['name', [instance.name]] : undefined,
      ['volumes', instance.volumes.map(({ id, device }) => `${id} (${device})`).join(', ') || 'none'],
      ['public address', publicAddress(radius)],
      loadBalancing === undefined ? undefined : ['load balancing', loadBalancing],
      ['metadata', instance.metadataEnabled ? `HttpTokens ${instance.httpTokens ?? 'unknown'}` : 'switched off'],
      ['you may', `stop: ${permitted.stop}, start: ${permitted.start}, snapshots: ${permitted.snapshots}`],
      radius.ssm?.state === 'online' ? ['SSM', ssmLine(radius.ssm)] : undefined,
    ),
  ]
}

/** A consumer and what brings it back. */
export const consumerLine = ({ kind, name, label, remedy }: Consumer) => [
  `${kind} ${name}`,
  ...(label ? [' (', label, ')'] : []),
  `: ${remedy}`,
]

const publicAddress = ({ instance: { publicIp, hasElasticIp } }: InstanceRadius): string => {
  if (!publicIp) return 'none'
  return hasElasticIp ? `${publicIp}, an Elastic IP: it stays` : `${publicIp}: the stop and start change it`
}

const warnings = (radius: BlastRadius): readonly Block[] => {
  const { instance, canEditIam, managedBy, defaultHostManagement } = radius
  const found: Block[] = []
  const unasked = withoutSsm(radius)
  if (canEditIam)
    found.push(
      warning('The role itself may edit IAM: an attacker could remove the deny. Ask for a service control policy as well.'),
    )
  if (managedBy)
    found.push(warning('The role is managed by ', managedBy, ', whose next run may remove the deny. Inform its owner.'))
  if (instance?.httpTokens === 'optional')
    found.push(warning('This instance allows IMDSv1: require IMDSv2 when this is over, or the next theft is as easy.'))
  if (instance?.hibernation)
    found.push(warning('Hibernation is configured. ir-cred stops the instance without it, so that no key survives in memory.'))
  if (defaultHostManagement) {
    found.push(
      warning(
        `Default Host Management is on (role ${defaultHostManagement}): the SSM agent does not count as corroboration of the rotation, only CloudTrail does.`,
      ),
    )
  }
  if (unasked) found.push(warning(...unasked))
  return found
}
