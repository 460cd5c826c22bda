import { type PolicySet, responderPolicy } from '../../aws/policy.ts'
import { Failure } from '../../incident/values/failure.ts'
import type { Command } from '../command.ts'
import { FINISHED } from '../exit-code.ts'
import { type CommonOptions, printable } from '../options.ts'

const SETS: readonly PolicySet[] = ['observe', 'contain', 'verify', 'respond']

/** `ir-cred policy`: the IAM policy that a responder needs, from the table of API calls. */
export const policyCommand: Command<CommonOptions, [set: string | undefined]> = {
  run: async ({ stdout, stderr }, _options, set) => {
    const chosen = SETS.find((name) => name === (set ?? 'respond'))
    if (!chosen) {
      throw new Failure({
        kind: 'usage',
        what: `there is no policy "${printable(set ?? '')}"`,
        remedy: `choose one of ${SETS.join(', ')}`,
      })
    }
    stdout.write(`${JSON.stringify(responderPolicy(chosen), null, 2)}\n`)
    if (chosen === 'contain' || chosen === 'respond') {
      stderr.write(
        'iam:PutRolePolicy is a powerful right: narrow Resource to the roles you may have to contain, hand the responder role out for the time of an incident only, and use the verify policy with another role.\n',
      )
    }
    return { outcome: FINISHED }
  },
}
