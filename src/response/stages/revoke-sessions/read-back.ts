import { SimulatePrincipalPolicyCommand } from '@aws-sdk/client-iam'
import { codeOf, emptyAnswer, isNotFound, isRefusal } from '../../../aws/failure.ts'
import { plainPolicy } from '../../../aws/policy-document.ts'
import type { Revocation } from '../../../incident/facts/facts.ts'
import type { Subject } from '../../../incident/facts/subject.ts'
import { type Instant, plus } from '../../../incident/values/instant.ts'
import { inlinePolicyOf } from '../../../investigation/enrichment/iam-lists.ts'
import type { Context } from '../../stage.ts'
import { cutoffOf, POLICY_NAME } from './policy.ts'

/** What stands on the role under the revocation's name now. */
export interface StandingRevocation {
  readonly document?: string
  /** What it enforces; undefined when there is no policy, or one of another meaning. */
  readonly cutoff?: Instant
}

/** Reads the inline policy of a role back, decoded. A failed read is an error, never "no policy". */
export const readRevocation = async (
  { role, region }: { readonly role: { readonly name: string }; readonly region: string },
  context: Context,
): Promise<StandingRevocation> => {
  try {
    const document = await inlinePolicyOf(context.aws(region).iam, 'Role', role.name, POLICY_NAME)
    if (document === undefined) throw emptyAnswer('iam:GetRolePolicy', 'a document')
    const cutoff = cutoffOf(document)
    return { document: plainPolicy(document), ...(cutoff ? { cutoff } : {}) }
  } catch (error) {
    if (isNotFound(error)) return {}
    throw error
  }
}

const PROBE = 'sts:AssumeRole'

/**
 * Proves the logic of the policy with IAM's simulator ("Testing IAM policies with the IAM policy simulator"): a session
 * issued before the cut-off must be denied explicitly, one issued after it must not. It does not see propagation.
 */
export const proveLogic = async (
  { role, region }: Subject,
  cutoff: Instant,
  context: Context,
): Promise<Revocation['simulation']> => {
  const decide = async (issuedAt: Instant): Promise<string> => {
    const answer = await context.aws(region).iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: role.arn,
        ActionNames: [PROBE],
        ContextEntries: [{ ContextKeyName: 'aws:TokenIssueTime', ContextKeyType: 'date', ContextKeyValues: [issuedAt] }],
      }),
    )
    return answer.EvaluationResults?.[0]?.EvalDecision ?? 'unknown'
  }
  try {
    return { olderSession: await decide(plus(cutoff, -1)), newerSession: await decide(plus(cutoff, 1)) }
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { unavailable: codeOf(error) }
  }
}
