import type { IssuedCredential } from '../account/credentials.ts'
import { acts } from '../actors/actor.ts'
import { FIRST_CALL_BEFORE } from '../scenario-kit/incident.ts'
import type { Scenario } from '../scenario-kit/scenario.ts'
import type { StandardAccount } from '../scenario-kit/standard-account.ts'
import { buildTheft } from '../scenario-kit/theft.ts'
import { adminTakesAway, furnishForLeaving } from './left-behind/account.ts'
import { leavingPlan } from './left-behind/attacker.ts'

/** The attacker makes ways back, with the stolen key, with a session of another role, and with a user made for it. */
const letTheAttackerStay = (standard: StandardAccount, stolen: IssuedCredential, sourceIp: string): void => {
  const hand = { credential: stolen }
  const actor = { who: 'attacker', credential: () => hand.credential, sourceIp: () => sourceIp } as const
  acts(standard.account, actor, leavingPlan(standard, hand), standard.now - FIRST_CALL_BEFORE)
  adminTakesAway(standard)
}

/** A role that may change IAM was stolen, and whoever did it has made ways back; some of them are closed already. */
export const leftBehindScenario: Scenario = {
  story:
    'GuardDuty reports that credentials of role web-app were used from an address on the threat list acme-bad-ips. ' +
    'The role may create users and policies, because the deployment once needed it, and nobody took that away. ' +
    'An administrator has seen a strange user and undone what caught the eye: is that all?',
  build: (options) =>
    buildTheft(options, {
      stolenOver: '2.0',
      withInstance: true,
      furnish: furnishForLeaving,
      startAttackerOf: letTheAttackerStay,
      modelAnswers: [
        'Revoking the role’s sessions closes one door. The user aws-support, its keys and the policies on it work as before: a deny on sessions does not touch them.',
        'The session of role deploy is of another role and another issue time: it is revoked on its own role, or ends by itself an hour after its issue.',
        'Make the used key inactive first and close the trust before you revoke the session behind it, then take away the rest in the order in which it is told: who still gets in makes it all again.',
        'One key of aws-support was made with aws-support’s own first key: no record of the stolen session shows it, only IAM does.',
        'The responder may look but not delete; role platform-admin may, and ir-responder may assume it (aws sts assume-role).',
      ],
    }),
}
