import { PutRolePolicyCommand } from '@aws-sdk/client-iam'
import type { Revocation } from '../../incident/facts/facts.ts'
import { fields, text, warning } from '../../incident/values/block.ts'
import { isBefore } from '../../incident/values/instant.ts'
import { blocked, defineStage, established } from '../stage.ts'
import { revocationAcknowledgement } from './revoke-sessions/acknowledgement.ts'
import { intendedCutoff } from './revoke-sessions/cutoff.ts'
import { POLICY_NAME, revocationDocument } from './revoke-sessions/policy.ts'
import { proveLogic, readRevocation } from './revoke-sessions/read-back.ts'

/** The sum of all inline policies of a role, white space not counted ("IAM and AWS STS quotas"). */
const INLINE_QUOTA = 10_240

/**
 * Revokes every session of the role that was issued before a cut-off, as the IAM console's button does
 * ("Revoke IAM role temporary security credentials"): an inline deny on aws:TokenIssueTime, read back and compared by meaning.
 */
export const revokeSessions = defineStage({
  id: 'revoke-sessions',
  phase: 'contain',
  title: 'Revoke the role’s active sessions',
  needs: ['subject', 'blastRadius'],
  establishes: 'revocation',

  async assess(incident, context) {
    const { subject, blastRadius } = incident.facts
    const standing = await readRevocation(subject, context)
    const intended = intendedCutoff(incident, standing, context.now())
    if (standing.cutoff && !isBefore(standing.cutoff, intended.cutoff)) {
      await context.keep('revocation-read-back', standing.document)
      const simulation = await proveLogic(subject, standing.cutoff, context)
      const writtenBy = intended.ours ? ('ours' as const) : ('found' as const)
      return established<Revocation>({
        policyName: POLICY_NAME,
        cutoff: standing.cutoff,
        readBackAt: context.now(),
        writtenBy,
        simulation,
      })
    }
    const { role } = subject
    if (blastRadius.inlinePolicySize + revocationDocument(intended.cutoff).length > INLINE_QUOTA) {
      return blocked(
        `the inline policies of role ${role.name} fill IAM’s quota of ${INLINE_QUOTA} characters, so the deny would be refused`,
        'attach the same deny as a customer managed policy by hand, or move an inline policy to a managed one, then continue',
      )
    }
    return {
      status: 'needed',
      effects: [
        {
          operation: 'iam:PutRolePolicy',
          resource: role.arn,
          sentence: `deny everything to sessions of role ${role.name} issued before now + 30 s, by inline policy ${POLICY_NAME}`,
          cost: `every session of the role is cut off: ${blastRadius.consumers.length} other consumers besides ${subject.instanceId}`,
          undo: 'delete the inline policy; safe 12 hours after the cut-off, when every older session has expired',
        },
      ],
      expected: {
        policyName: POLICY_NAME,
        cutoff: intended.cutoff,
        readBackAt: context.now(),
        writtenBy: 'ours',
        simulation: { unavailable: 'decided after the policy is written' },
      },
      acknowledgement: revocationAcknowledgement(subject, blastRadius, intended.cutoff),
      typed: role.name,
    }
  },

  async act(incident, context) {
    const { subject } = incident.facts
    const standing = await readRevocation(subject, context)
    if (standing.document !== undefined) await context.keep(`prior-${POLICY_NAME}`, standing.document)
    const { cutoff } = intendedCutoff(incident, standing, context.now())
    const effect = {
      operation: 'iam:PutRolePolicy',
      resource: subject.role.arn,
      sentence: `deny everything to sessions of role ${subject.role.name} issued before ${cutoff}`,
    }
    const command = new PutRolePolicyCommand({
      RoleName: subject.role.name,
      PolicyName: POLICY_NAME,
      PolicyDocument: revocationDocument(cutoff),
    })
    await context.write(context.aws(subject.region).iam, command, effect, { planned: { cutoff } })
  },

  recheck: {
    after: [10, 60],
    async look({ facts: { subject, revocation } }, context) {
      const { cutoff } = await readRevocation(subject, context)
      if (cutoff && !isBefore(cutoff, revocation.cutoff))
        return { stands: true, says: `${POLICY_NAME} stands, cut-off ${cutoff}` }
      const found = cutoff ? `has the earlier cut-off ${cutoff}` : 'is GONE'
      return {
        stands: false,
        says: `REVOCATION GONE: ${POLICY_NAME} on role ${subject.role.name} ${found}; somebody changed it after us`,
      }
    },
  },

  describe: (revocation) => [
    fields(
      ['cut-off', [{ at: revocation.cutoff }, ' (AWS’s clock; sessions issued earlier are denied)']],
      [
        'read back',
        [{ at: revocation.readBackAt }, revocation.writtenBy === 'ours' ? '' : ', written by somebody else and late enough'],
      ],
      'unavailable' in revocation.simulation
        ? ['simulation', `not available: ${revocation.simulation.unavailable}`]
        : ['simulation', `older session ${revocation.simulation.olderSession}, newer one ${revocation.simulation.newerSession}`],
    ),
    ...('unavailable' in revocation.simulation || revocation.simulation.olderSession === 'explicitDeny'
      ? []
      : [warning('IAM’s simulation does not deny an older session: look at the policy in the console.')]),
    text('The policy is stored; it can take some minutes to reach every endpoint, and no API tells when it has.'),
  ],
})
