import type { Scenario } from '../scenario-kit/scenario.ts'
import { SECURITY_ACCOUNT } from '../scenario-kit/standard-account.ts'
import { buildTheft } from '../scenario-kit/theft.ts'

/** The account is a member of an organisation's Detective graph: its own credentials are told nothing. */
export const detectiveElsewhere: Scenario = {
  story:
    'GuardDuty reports that credentials of role web-app were used from an address on a threat list. ' +
    'The account sends its data to the Detective graph of the security account, and only that account is answered. ' +
    'The response is the usual one; see what you learn with and without the security account’s profile.',
  build: (options) =>
    buildTheft(options, {
      stolenOver: '2.0',
      withInstance: true,
      graphAdministrator: { accountId: SECURITY_ACCOUNT, membership: 'ENABLED' },
      modelAnswers: [
        'Detective answers only the account that administers the graph: have a profile of it ready, and name it with --detective-profile.',
        'Without it the response is not held up: CloudTrail tells what the session did, and Detective can be asked afterwards.',
      ],
    }),
}
