import { type AwsCommand, awsCommandFor } from '../../../incident/aws-command.ts'
import type { RenewalByHand, RenewedWorkload, ScalingGroupBefore } from '../../../incident/facts/renewal-fact.ts'
import { type Instant, instantOf, isBefore } from '../../../incident/values/instant.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import { rawText } from '../../../incident/values/untrusted.ts'
import type { Context } from '../../stage.ts'
import type { OnInstance } from '../on-instance.ts'
import { groupBefore, plainGroupName, type SeenGroup, seeGroup } from './members.ts'
import type { WorkloadsSeen } from './workload.ts'

/** The processes that would end or replace the member while it is taken out ("Suspend and resume Amazon EC2 Auto Scaling processes"). */
const ENDING = ['Terminate', 'ReplaceUnhealthy', 'HealthCheck', 'AZRebalance'] as const

/** The name of the group that the instance is a member of, or was at the first look; undefined where it is in none. */
export const scalingGroupOf = ({ facts: { blastRadius }, earlier }: OnInstance<'revocation'>): string | undefined => {
  const now = blastRadius.instance.autoScalingGroup
  return earlier.renewal?.group?.name ?? (now && rawText(now))
}

/**
 * A member of an Auto Scaling group is never stopped by ir-cred: the group would terminate it, and its disks with it. It is taken out by
 * hand, in an order in which nothing of the evidence is lost; each step is looked at. The others lost access too, and are replaced last.
 */
export const seeMembers = async (incident: OnInstance<'revocation'>, name: string, context: Context): Promise<WorkloadsSeen> => {
  const { subject, revocation } = incident.facts
  const { instanceId, region } = subject
  const group = await seeGroup({ name, instanceId, region }, context)
  if (!group)
    return {
      renewal: {
        of: 'members',
        workloads: [],
        byHand: [],
        remarks: [`Auto Scaling shows no group ${name.replace(/[^\w.-]/g, '?')} in ${region}`],
        unread: [],
      },
      due: [],
    }
  const before = incident.earlier.renewal?.group ?? groupBefore(group)
  const aws = awsCommandFor(context.setting)
  const steps = stepsOf({ group, before, instanceId, cutoff: revocation.cutoff, aws: (words) => aws(words, region) })
  return {
    renewal: {
      of: 'members',
      group: before,
      workloads: newMembers(group, instanceId, revocation.cutoff, region),
      byHand: inOrder(steps),
      remarks: [
        `ir-cred does not stop ${instanceId}: its group would terminate it, and its disks with it. The steps are in this order; paste one, and ir-cred looks at it in the next run`,
        `when the incident is closed: exit-standby for ${instanceId} or terminate it, and the sizes as before: at least ${before.minSize}, desired ${before.desired}`,
      ],
      unread: group.unread,
    },
    due: [],
  }
}

const isAfter = (time: Date | undefined, cutoff: Instant): boolean => time !== undefined && !isBefore(instantOf(time), cutoff)

const newMembers = (group: SeenGroup, instanceId: string, cutoff: Instant, region: string): readonly RenewedWorkload[] =>
  group.members
    .filter(({ id, launchTime, state }) => id !== instanceId && state === 'running' && isAfter(launchTime, cutoff))
    .map(({ id, launchTime }) => ({
      kind: 'member',
      name: id,
      region,
      state: 'renewed',
      changedAt: instantOf(launchTime ?? new Date(0)),
      sessions: [id],
    }))

interface Step {
  readonly sentence: string
  readonly command?: string
  readonly done: boolean
}

interface StepsAsked {
  readonly group: SeenGroup
  readonly before: ScalingGroupBefore
  readonly instanceId: string
  readonly cutoff: Instant
  readonly aws: AwsCommand
}

const stepsOf = (asked: StepsAsked): readonly Step[] => [...outOfGroup(asked), ...groupGoesOn(asked)]

/** Of the steps the first that is not done is the one to do. */
const inOrder = (steps: readonly Step[]): readonly RenewalByHand[] => {
  const next = steps.findIndex(({ done }) => !done)
  return steps.map(({ sentence, command, done }, index) => ({
    sentence: `${index + 1}. ${sentence}`,
    ...(command === undefined ? {} : { command }),
    state: done ? 'done' : index === next ? 'to-do' : 'later',
  }))
}

/** Takes the member out of the group, alive. */
const outOfGroup = ({ group, before, instanceId, aws }: StepsAsked): readonly Step[] => {
  const named = groupWord(group.name)
  const lifecycle = group.members.find(({ id }) => id === instanceId)?.lifecycle
  const isOut = lifecycle === undefined || lifecycle === 'Standby'
  const isAtMinimum = before.desired <= before.minSize
  return [
    {
      sentence: 'Suspend what would end or replace it:',
      command: aws(`autoscaling suspend-processes --auto-scaling-group-name ${named} --scaling-processes ${ENDING.join(' ')}`),
      done: isOut || ENDING.every((one) => group.suspended.includes(one)),
    },
    ...(isAtMinimum
      ? [
          {
            sentence: `Let the group be one smaller: it is at its minimum of ${before.minSize}.`,
            command: aws(
              `autoscaling update-auto-scaling-group --auto-scaling-group-name ${named} --min-size ${Math.max(0, before.minSize - 1)}`,
            ),
            done: isOut || group.minSize < group.desired,
          },
        ]
      : []),
    {
      sentence: 'Take it out of service, alive; load balancers drain it:',
      command: aws(
        `autoscaling enter-standby --auto-scaling-group-name ${named} --instance-ids ${instanceId} --should-decrement-desired-capacity`,
      ),
      done: isOut,
    },
    {
      sentence:
        'Protect it against termination, then isolate it by a security group without rules; a network ACL cuts connections that a security group leaves open:',
      command: aws(`ec2 modify-instance-attribute --instance-id ${instanceId} --disable-api-termination`),
      done: group.isProtected === true,
    },
  ]
}

/** Lets the group work again, and replaces the other members. */
const groupGoesOn = ({ group, before, instanceId, cutoff, aws }: StepsAsked): readonly Step[] => {
  const named = groupWord(group.name)
  const ours = ENDING.filter((one) => !before.suspended.includes(one))
  const isOut = group.members.every(({ id, lifecycle }) => id !== instanceId || lifecycle === 'Standby')
  const others = group.members.filter(({ id }) => id !== instanceId)
  const preferences = shellWord('{"StandbyInstances":"Ignore","ScaleInProtectedInstances":"Ignore"}')
  const refresh = group.refreshes.find(({ StartTime }) => isAfter(StartTime, cutoff))
  return [
    {
      sentence: 'Resume what was suspended for this, and nothing else:',
      ...(ours.length > 0
        ? {
            command: aws(`autoscaling resume-processes --auto-scaling-group-name ${named} --scaling-processes ${ours.join(' ')}`),
          }
        : {}),
      done: isOut && group.isProtected === true && ours.every((one) => !group.suspended.includes(one)),
    },
    {
      sentence: `Replace the other members, which lost access too, once their launch template closes the hole and snapshots are taken of every one that the attacker touched${refreshWords(refresh?.Status, refresh?.PercentageComplete)}:`,
      command: aws(`autoscaling start-instance-refresh --auto-scaling-group-name ${named} --preferences ${preferences}`),
      done: others.length > 0 && others.every(({ launchTime }) => isAfter(launchTime, cutoff)),
    },
  ]
}

const refreshWords = (status: string | undefined, percent: number | undefined): string =>
  status === undefined ? '' : ` (a refresh is ${status.replace(/\W/g, '?')}, ${percent ?? 0} %)`

const groupWord = (name: string): string => shellWord(plainGroupName(name) ?? '<group>')
