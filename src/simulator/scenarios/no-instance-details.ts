import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildTheft } from '../scenario-kit/theft.ts'

/** The finding names no instance. It follows from the principal: EC2 uses the instance id as session name. */
export const noInstanceDetails: Scenario = {
  story:
    'GuardDuty reports that credentials of role web-app were used from an address on the threat list acme-bad-ips. ' +
    'The finding says nothing about an instance. Find out where the credentials came from before you change anything.',
  build: (options) =>
    buildTheft(options, {
      stolenOver: '2.0',
      withInstance: false,
      modelAnswers: [
        'The principal id is the role id, a colon and the session name: the session of an EC2 instance is named after the instance.',
        'From there on it is the standard case.',
      ],
    }),
}
