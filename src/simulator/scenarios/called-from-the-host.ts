import { MINUTE_MS, MINUTE_SECONDS } from '../../incident/values/duration.ts'
import type { Account } from '../account/account.ts'
import { acts, type Plan } from '../actors/actor.ts'
import { KALI_AGENT, reconnaissance, reconnaissanceSteps, taking } from '../actors/attacker.ts'
import { callingWith, egressOf } from '../actors/workload.ts'
import { actorEventsWhile, writePast } from '../scenario-kit/incident.ts'
import { ownAddress } from '../scenario-kit/remotes.ts'
import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildStandardAccount, type StandardAccount } from '../scenario-kit/standard-account.ts'
import { finish } from '../scenario-kit/theft.ts'
import { type FindingKind, placeTheftFindings } from '../scenario-kit/theft-findings.ts'

const PENTEST: FindingKind = {
  type: 'PenTest:IAMUser/KaliLinux',
  severity: 5,
  title: 'APIs were called from a computer that runs Kali Linux.',
  counts: /^(?!s3:GetObject$)/,
}

const ANOMALY: FindingKind = {
  type: 'Discovery:IAMUser/AnomalousBehavior',
  severity: 2,
  title: 'APIs commonly used to discover resources were called in an anomalous way.',
  counts: /^(ec2:Describe|iam:|secretsmanager:)/,
}

function* intruderPlan(account: Account, roleName: string): Plan {
  yield* reconnaissance(account.random, reconnaissanceSteps(account.id, roleName), 46 * MINUTE_SECONDS)
  yield* taking(account.random, KALI_AGENT)
}

/** Somebody sits on the host and calls through it: with whatever credentials it has at the moment, from its own address. */
const startIntruder = ({ account, subjectInstance, role, now }: StandardAccount): void => {
  const actor = {
    who: 'attacker',
    credential: () => callingWith(account, subjectInstance),
    sourceIp: () => egressOf(account, subjectInstance),
  } as const
  acts(account, actor, intruderPlan(account, role.name), now - 50 * MINUTE_MS)
}

/** The calls come from the instance itself. New credentials are the intruder's too: rotation alone achieves nothing. */
export const calledFromTheHost: Scenario = {
  story:
    'GuardDuty reports calls with credentials of role web-app by a tool that your application does not use. ' +
    'They come from an address of your own account. ' +
    'Look closely at where they come from before you decide what a restart would achieve.',
  build: (options) => {
    const standard = buildStandardAccount(options)
    const stolen = writePast(standard, '2.0')
    const remote = ownAddress(egressOf(standard.account, standard.subjectInstance))
    const actorEvents = actorEventsWhile(standard, () => startIntruder(standard))
    const appearsAfter = options.findingAppearsAfter ?? 0
    const theft = { stolen, actorEvents, remote, userAgent: KALI_AGENT, withInstance: true, appearsAfter }
    return finish(standard, {
      stolen,
      actorEvents,
      remote,
      userAgents: [KALI_AGENT],
      placeFindings: () => placeTheftFindings(standard, theft, [PENTEST, ANOMALY]),
      modelAnswers: [
        'The remote address is the instance’s own: the intruder is on the host, or calls through it.',
        'The revocation helps until the instance gets new credentials. After a restart the intruder has them as well and goes on.',
        'So ir-cred does not restart it. It prints the commands that isolate the instance, and ends unconfirmed until that is done.',
        'Isolate the instance, keep its disks and memory, and build a new one.',
      ],
    })
  },
}
