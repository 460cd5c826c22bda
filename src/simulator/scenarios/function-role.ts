import type { Scenario } from '../scenario-kit/scenario.ts'
import { buildSubjectTheft } from '../scenario-kit/subjects/subject-scenario.ts'

export const functionRoleScenario: Scenario = {
  story:
    'GuardDuty reports that credentials of role thumbnails were used from an address on the threat list acme-bad-ips. ' +
    'The session is named after the function make-thumbnails, which has a public URL. ' +
    'There is no instance to stop.',
  build: (options) =>
    buildSubjectTheft(options, 'lambda-function', [
      'The record of the issue says who took the session: AssumeRole by lambda.amazonaws.com, for a session named after the function.',
      'A dated deny on the role refuses the stolen set and the function’s own. A change of the configuration makes a new environment with new credentials.',
      'Everything in the environment variables has leaked too. The URL without authentication is the way in: ir-cred asks its callers for a signature on approval by name (--approve close-access).',
    ]),
}
