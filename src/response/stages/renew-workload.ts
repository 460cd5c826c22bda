import { unreadReason } from '../../aws/failure.ts'
import type { Effect } from '../../incident/entry.ts'
import { sparesOthers } from '../../incident/facts/facts.ts'
import { recipientOf } from '../../incident/facts/recipient.ts'
import { type Renewal, type RenewedWorkload, workloadWords } from '../../incident/facts/renewal-fact.ts'
import { holderWords, type Subject } from '../../incident/facts/subject.ts'
import type { IncidentWith } from '../../incident/incident.ts'
import { type Block, code, fields, type Line, list, text, warning } from '../../incident/values/block.ts'
import { duration } from '../../incident/values/duration.ts'
import { Failure } from '../../incident/values/failure.ts'
import { secondsBetween } from '../../incident/values/instant.ts'
import { spansOf } from '../../incident/values/show.ts'
import { evidenceDecided } from '../guards.ts'
import { type Assessment, blocked, type Context, defineStage, established, leftOut, notApplicable } from '../stage.ts'
import { isOnInstance } from './on-instance.ts'
import { attemptChange } from './refused-change.ts'
import { seeFunctions } from './renew-workload/functions.ts'
import { scalingGroupOf, seeMembers } from './renew-workload/group-steps.ts'
import { seeIdentities } from './renew-workload/identities.ts'
import { seeServices } from './renew-workload/services.ts'
import { type DueRenewal, RENEW_WORKLOAD, type WorkloadIncident, type WorkloadsSeen } from './renew-workload/workload.ts'
import { CUTOFF_PATIENCE, cutoffStandsAndPassed } from './restart-instance/life.ts'

/**
 * Renews the credentials of what runs under the role and is no instance: a change of a function's configuration makes new environments,
 * a new deployment makes new tasks of a service, and an alias gets new environments by pointing to a new version. The deny refuses what they held; without a renewal they would stay cut off for hours.
 */
export const renewWorkload = defineStage({
  id: RENEW_WORKLOAD,
  phase: 'contain',
  title: 'Renew what else runs under the role',
  needs: ['subject', 'blastRadius', 'revocation'],
  establishes: 'renewal',

  async assess(incident, context): Promise<Assessment<Renewal>> {
    const { subject, revocation } = incident.facts
    const see = lookFor(incident, context)
    if (!see) return notApplicable(whyNotRenewed(subject))
    const seen = await lookOrLeaveOut(see, incident)
    if ('status' in seen) return seen
    const { renewal, due } = seen
    const byName = byNameEffects(seen)
    if (due.length + byName.length === 0 && !incident.assumed.includes('revocation')) return established(renewal)
    if (!evidenceDecided(incident) && !context.dryRun)
      return leftOut(
        'the renewal destroys evidence, and it is not decided whether to preserve it',
        'run preserve-evidence, or decide against it: --skip preserve-evidence',
      )
    const ahead = secondsBetween(context.now(), revocation.cutoff)
    if (ahead > CUTOFF_PATIENCE && !incident.assumed.includes('revocation'))
      return blocked(
        `the cut-off ${revocation.cutoff} is ${duration(ahead)} ahead, and what is renewed before it gets credentials that are denied`,
        'continue after it; until then nothing that runs under the role gets credentials that work',
      )
    if (due.length + byName.length === 0) return established(renewal)
    if (due.length === 0) return askByName(renewal, byName)
    return {
      status: 'needed',
      // What comes after these is asked for by itself. A dry run sees it here only.
      effects: [...due.map(({ effect }) => effect), ...(context.dryRun ? byName : [])],
      expected: {
        ...renewal,
        workloads: renewal.workloads,
        remarks: [...renewal.remarks, 'what is renewed is decided after the command'],
      },
      acknowledgement: [
        text(
          sparesOthers(revocation)
            ? 'The deny refuses the stolen session. New credentials are taken when the change is made; tasks of other sessions hold theirs until then.'
            : 'The deny refuses the credentials that these hold. New ones are taken after the cut-off, when the change is made.',
        ),
        ...byHandBlocks(renewal),
      ],
    }
  },

  async act(incident, context) {
    const { due, dueByName = [] } = (await lookFor(incident, context)?.()) ?? { due: [] }
    if (due.length + dueByName.length === 0 || !(await cutoffStandsAndPassed(incident, context))) return
    if (due.length > 0) return makeAll(due, context)
    for (const { make } of dueByName) await attemptChange(() => make(context), context)
  },

  withoutIt: ({ what, why, remedy }) => `${what}${why === undefined ? '' : ` (${why})`}: what it renews stays cut off; ${remedy}`,

  isOpen: ({ workloads }) => workloads.some(({ state }) => state === 'under-way'),

  describe: (renewal) => renewalBlocks(renewal),
})

const byNameEffects = ({ dueByName = [] }: WorkloadsSeen): readonly Effect[] => dueByName.flatMap(({ effects }) => effects)

/** The question for what serves traffic: it is not part of an approval of everything, and the run goes on without it. */
const askByName = (renewal: Renewal, effects: readonly Effect[]): Assessment<Renewal> => ({
  status: 'needed',
  effects,
  expected: renewal,
  otherwise: renewal,
  byName: 'it changes which version of a function serves calls',
  goesOn: true,
  acknowledgement: [
    text('The deny refuses what the environments of old versions hold. They cannot be changed: their aliases point to new ones.'),
    ...byHandBlocks(renewal),
    text('Without this change the response goes on; the end lists what is still cut off, with the command for each.'),
  ],
})

const isWorkload = (
  incident: IncidentWith<'subject' | 'blastRadius' | 'revocation'>,
): incident is IncidentWith<'subject' | 'blastRadius' | 'revocation'> & WorkloadIncident =>
  incident.facts.subject.kind === 'role-session'

/** Looks at what runs under the role; undefined where ir-cred renews nothing of the kind. */
const lookFor = (
  incident: IncidentWith<'subject' | 'blastRadius' | 'revocation'>,
  context: Context,
): (() => Promise<WorkloadsSeen>) | undefined => {
  if (isOnInstance<'revocation'>(incident)) {
    const group = scalingGroupOf(incident)
    return group === undefined ? undefined : () => seeMembers(incident, group, context)
  }
  if (!isWorkload(incident)) return undefined
  switch (recipientOf(incident.facts.subject).kind) {
    case 'lambda':
      return () => seeFunctions(incident, context)
    case 'ecs':
      return () => seeServices(incident, context)
    case 'eks-pod':
    case 'oidc':
      return () => seeIdentities(incident, context)
    default:
      return undefined
  }
}

const whyNotRenewed = (subject: Subject): string => {
  if (subject.kind !== 'role-session') return 'these are credentials of an IAM user: no function and no service runs with them'
  const { kind, words } = recipientOf(subject)
  return kind === 'ec2-instance'
    ? 'an instance gets new credentials by its stop and start'
    : `the session was issued to ${words}; ir-cred renews functions and services, and names the steps for pods and web identities`
}

/** Where AWS does not show what runs under the role nothing is renewed on a guess, and the response goes on without the stage. */
const lookOrLeaveOut = async (
  see: () => Promise<WorkloadsSeen>,
  incident: IncidentWith<'subject'>,
): Promise<WorkloadsSeen | ReturnType<typeof leftOut>> => {
  try {
    return await see()
  } catch (error) {
    const why = unreadReason(error)
    if (why === undefined) throw error
    return leftOut(
      `ir-cred cannot see what runs under ${holderWords(incident.facts.subject)}, which is cut off: a read ${why}`,
      'get the permission (`ir-cred policy` prints it), then continue; or renew it by the commands that are still to do',
      'identity',
    )
  }
}

/** Makes every change. One that AWS refuses does not hold the others up; the first refusal is thrown at the end. */
const makeAll = async (due: readonly DueRenewal[], context: Context): Promise<void> => {
  let refused: Failure | undefined
  for (const { client, command, effect } of due) {
    try {
      await context.write(client, command(), effect)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      refused ??= error
    }
  }
  if (refused) throw refused
}

const STATES: Readonly<Record<RenewedWorkload['state'], string>> = {
  renewed: 'renewed',
  'under-way': 'UNDER WAY: old ones still run',
  failed: 'FAILED: what ran before runs on with credentials that are denied',
}

const workloadLine = (workload: RenewedWorkload): Line => [
  `${STATES[workload.state]}, changed at `,
  { at: workload.changedAt },
  ...(workload.reason && workload.state !== 'renewed' ? [': ', workload.reason] : []),
]

const renewalBlocks = (renewal: Renewal): readonly Block[] => [
  fields(...renewal.workloads.map((one) => [workloadWords(one), workloadLine(one)] as const)),
  ...byHandBlocks(renewal),
  ...(renewal.remarks.length > 0 ? [list(renewal.remarks)] : []),
]

const byHandBlocks = ({ byHand, unread }: Renewal): readonly Block[] => [
  ...byHand.flatMap(({ sentence, command, state }) => {
    const line = [...spansOf(sentence), ...(state === 'done' ? [' (done)'] : [])]
    return [
      state === 'to-do' ? warning('To do: ', ...line) : text(...line),
      ...(command === undefined || state === 'done' ? [] : [code(command)]),
    ]
  }),
  ...unread.map((sentence) => warning(`${sentence}.`)),
]
