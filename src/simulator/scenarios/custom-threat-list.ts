import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildTheft } from '../scenario-kit/theft.ts'

/** The standard case: everything the workshop's procedure expects, with an attacker who is at work meanwhile. */
export const customThreatList: Scenario = {
  story:
    'GuardDuty reports that credentials of role web-app were used from an address on the threat list acme-bad-ips. ' +
    'They belong to an EC2 instance that serves the web application, and two more instances and a function use the same role. ' +
    'Whoever has the credentials is copying a bucket while you read this.',
  build: (options) =>
    buildTheft(options, {
      stolenOver: '2.0',
      withInstance: true,
      modelAnswers: [
        'Revoke the sessions of role web-app, request the snapshots, then stop and start the instance.',
        'The attacker is refused some seconds after the revocation, and so are the two other instances and the function until they get new credentials.',
        'A different key on the instance is a rotation only if CloudTrail shows its issue. The SSM agent’s call shows that the credentials are new, but not which.',
      ],
    }),
}
