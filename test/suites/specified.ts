import { WRITES_OF_RUN } from '../laws/whole-run.ts'
import { huntReads } from '../support/leave-everything.ts'
import { CHANGES, type FaultKind } from './fault-kinds.ts'

/** What a cell must give. */
export interface Specified {
  /** AWS accepted the deny. */
  readonly revoked: boolean
  /** The last stage of the runbook was run. */
  readonly reachesEnd: boolean
  readonly exitCode: number
  /** Outcomes on record of the failing write, in order. Absent: of a read. */
  readonly sent?: readonly ('accepted' | 'refused' | 'unknown')[]
}

/** The two wholes of a cell: the fault passes, and the run is as undisturbed; or the run is refused or stopped at once. */
const whole = (exitCode = 0): Specified => ({ revoked: true, reachesEnd: true, exitCode })
const stopped = (exitCode: number, revoked = true): Specified => ({ revoked, reachesEnd: false, exitCode })

/** AWS, or the way to it, gives no answer: 7. It refuses the responder: 4. */
const codeOf = (kind: FaultKind): number => (kind === 'denied' ? 4 : 7)

/** What the deny needs: who responds, the finding, and the policy as it is. */
const DENY_NEEDS = ['sts:GetCallerIdentity', 'guardduty:ListDetectors', 'guardduty:GetFindings', 'iam:GetRolePolicy']

/** Under left-behind, where the hunt's reads occur, the attacker is alive: containment is not confirmed. */
const undisturbed = (operation: string): number => (huntReads.includes(operation) ? 6 : 0)

/** Reads that say whether something that a later stage changes may be changed. Without them that stage is left out. */
const LEAVES_OUT = [
  // Nothing that concerns the instance is done.
  'ec2:DescribeInstances',
  // Nobody knows what is preserved: no snapshot, no stop.
  'ec2:DescribeSnapshots',
]

/** The SSM agent corroborates the new credentials. Without it only CloudTrail does, for which these runs do not wait (`--proof-wait 0s`). */
const CORROBORATES = ['ssm:GetServiceSetting', 'ssm:DescribeInstanceInformation']

/** DryRun says that the restart is not permitted: it is left out. Every other failure leaves that unknown, and it is tried. */
const PREFLIGHT = ['ec2:StopInstances?DryRun', 'ec2:StartInstances?DryRun']

/** Lists without pages, or of which one page is enough, or whose rest is only said to be missing. */
const PAGES_DECIDE = ['ec2:DescribeSnapshots']

const specifiedRead = (operation: string, kind: FaultKind): Specified => {
  const passes = kind === 'stale' || (kind === 'repeated page' && !PAGES_DECIDE.includes(operation))
  if (passes) return whole(undisturbed(operation))
  if (DENY_NEEDS.includes(operation)) return stopped(codeOf(kind), false)
  if (LEAVES_OUT.includes(operation)) return whole(codeOf(kind))
  if (CORROBORATES.includes(operation)) return whole(6)
  if (kind === 'denied' && PREFLIGHT.includes(operation)) return whole(4)
  return whole(undisturbed(operation))
}

/** What becomes of the first sending, and of one more where the first provably changed nothing. */
const ONCE: Readonly<Partial<Record<FaultKind, NonNullable<Specified['sent']>>>> = {
  before: ['unknown', 'accepted'],
  '500': ['unknown', 'accepted'],
  html: ['unknown', 'accepted'],
  empty: ['unknown', 'accepted'],
  hang: ['unknown', 'accepted'],
  after: ['unknown'],
  garbage: ['unknown'],
  truncated: ['unknown'],
  drip: ['unknown'],
  throttle: ['refused', 'accepted'],
  skew: ['refused', 'accepted'],
  denied: ['refused'],
  stale: ['accepted'],
}

/** Changes that a response can do without. */
const OPTIONAL = ['ssm:SendCommand', 'detective:StartInvestigation']

const specifiedOnce = (operation: string, kind: FaultKind): Specified => {
  const sent = ONCE[kind] ?? []
  if (kind !== 'denied' || OPTIONAL.includes(operation)) return { ...whole(), sent }
  return { ...stopped(4, operation !== 'iam:PutRolePolicy'), sent }
}

const times = <T>(count: number, what: T): readonly T[] => Array.from({ length: count }, () => what)

/** Nobody answers, for good: three sendings, each approved and each read back, and then no more. */
const NEVER_ANSWERED: readonly FaultKind[] = ['before', '500', 'html', 'empty', 'hang']

const specifiedForGood = (operation: string, kind: FaultKind): Specified => {
  const isOptional = OPTIONAL.includes(operation)
  const revoked = operation !== 'iam:PutRolePolicy'
  const ends = (exitCode: number, sent: NonNullable<Specified['sent']>): Specified =>
    isOptional ? { ...whole(), sent } : { ...stopped(exitCode, revoked), sent }
  if (NEVER_ANSWERED.includes(kind)) {
    const sent = times(3, 'unknown' as const)
    // Each time it is read back as absent: the stage is left out, but for the deny.
    return revoked && !isOptional ? { ...whole(6), sent } : ends(6, sent)
  }
  // Pauses of 2, 5 and 10 seconds.
  if (kind === 'throttle') return ends(7, times(4, 'refused'))
  if (kind !== 'skew') return specifiedOnce(operation, kind)
  // The clock is set by a read, and the change sent once more.
  const sent = times(2, 'refused' as const)
  if (operation === 'detective:StartInvestigation') return { ...whole(), sent }
  return { ...stopped(7, revoked), sent }
}

/** What the run must give when calls of the operation fail in this way: the first one, or all. */
export const specified = (operation: string, kind: FaultKind, forGood: boolean): Specified => {
  if (!CHANGES.test(operation)) return specifiedRead(operation, kind)
  return forGood ? specifiedForGood(operation, kind) : specifiedOnce(operation, kind)
}

/** A change has no pages. */
export const occurs = (operation: string, kind: FaultKind): boolean => kind !== 'repeated page' || !CHANGES.test(operation)

/** The changes of a response to a stolen session of an instance's role, by their operation. */
export const changes: readonly string[] = WRITES_OF_RUN['custom-threat-list']
