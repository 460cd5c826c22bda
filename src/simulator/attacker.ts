import type { Account } from './account.ts'
import { acts, type Plan, type PlannedCall, type PlannedOutcome } from './actors.ts'
import { reconnaissanceSteps, type Step, TAKING, TRYING } from './attacker-steps.ts'
import type { IssuedCredential } from './credentials.ts'
import { between } from './random.ts'

export const KALI_AGENT = 'aws-cli/1.18.69 Python/3.8.5 Linux/5.7.0-kali1-amd64 botocore/1.16.19'
export const BOTO_AGENT = 'Boto3/1.26.45 Python/3.10.6 Linux/5.15.0-56-generic Botocore/1.29.45'

/** Seconds between calls: at ease, and after a refusal. */
const AT_EASE = [15, 25] as const
const REFUSED = [45, 90] as const

const REFUSALS_UNTIL_GIVING_UP = [14, 21] as const

/** How many steps are made by hand, with the command line, before a script takes over. */
const BY_HAND = 8

/** Looks around for `seconds`, one step after the other; refusals are expected here and mean nothing. */
export function* reconnaissance(random: () => number, steps: readonly Step[], seconds: number): Plan {
  const pause = seconds / steps.length
  for (const [index, step] of steps.entries()) {
    const afterSeconds = pause * between(random, 0.7, 1.3)
    yield { ...step, afterSeconds, userAgent: index < BY_HAND ? KALI_AGENT : BOTO_AGENT }
  }
}

const isRefused = (outcome: PlannedOutcome | undefined): boolean => outcome?.outcome === 'refused'

/** GetCallerIdentity answers under any deny, so its success tells nothing. */
const isLetIn = ({ asks }: Pick<PlannedCall, 'asks'>, outcome: PlannedOutcome | undefined): boolean =>
  asks !== null && outcome?.outcome === 'ok'

/** Takes what can be taken; slows down when refused, goes on at ease when let in again, gives up after enough refusals in a row. */
export function* taking(random: () => number, userAgent: string): Plan {
  const patience = Math.floor(between(random, ...REFUSALS_UNTIL_GIVING_UP))
  let refusals = 0
  for (let turn = 0; refusals < patience; turn += 1) {
    const steps = refusals === 0 ? TAKING : TRYING
    const step = steps[turn % steps.length]
    if (!step) return
    const [low, high] = refusals === 0 ? AT_EASE : REFUSED
    const outcome = yield { ...step, afterSeconds: between(random, low, high), userAgent }
    if (isRefused(outcome)) refusals += 1
    if (isLetIn(step, outcome)) refusals = 0
  }
}

/** Everything the attacker does: looks around, then takes until nothing works any more. */
export function* attackerPlan(account: Account, roleName: string, lookAround: number): Plan {
  yield* reconnaissance(account.random, reconnaissanceSteps(account.id, roleName), lookAround)
  yield* taking(account.random, BOTO_AGENT)
}

/** Lets an attacker use one stolen set of credentials from an address of their own, beginning at `from` (ms). */
export const attackerActs = (account: Account, stolen: IssuedCredential, plan: Plan, sourceIp: string, from: number): void =>
  acts(account, { who: 'attacker', credential: () => stolen, sourceIp: () => sourceIp }, plan, from)
