import { GetPolicyCommand, GetPolicyVersionCommand } from '@aws-sdk/client-iam'
import { isMissing } from '../../../aws/failure.ts'
import { plainPolicy } from '../../../aws/policy-document.ts'
import type { PersistenceArtefact } from '../../../incident/facts/activity-rows.ts'
import { attachedPoliciesOf, inlinePolicyOf, type PolicyHolder } from '../../../investigation/enrichment/iam-lists.ts'
import { writtenPolicyOf } from '../../../investigation/persistence/written-policy.ts'
import { changed, foundInList, gone, inAnswer, type Look, type LookResult, look, madeAt, there } from './look.ts'

/** A text as IAM gives it, beside the one that the record shows. */
const textStanding = (encoded: string | undefined, { writtenPolicy }: PersistenceArtefact): LookResult => {
  const mark = encoded === undefined ? undefined : writtenPolicyOf(plainPolicy(encoded))
  if (!mark || !writtenPolicy) return there('a policy of that name is there')
  return mark.fingerprint === writtenPolicy.fingerprint
    ? there('the policy is there, with the text that the record shows')
    : changed('a policy of that name is there, with another text than the record shows')
}

const looksOn = (kind: PolicyHolder): Readonly<Record<string, Look>> => {
  const whom = kind.toLowerCase() as Lowercase<PolicyHolder>
  const asksList = `iam:ListAttached${kind}Policies`
  const asksInline = `iam:Get${kind}Policy`
  const isAttached = (yes: LookResult, no: LookResult): Look =>
    look(asksList, [whom, 'policyArn'], async (names, { iam }) =>
      foundInList(await attachedPoliciesOf(iam, kind, names[whom]), ({ PolicyArn }) => PolicyArn === names.policyArn, yes, no),
    )
  return {
    [`iam:Attach${kind}Policy`]: isAttached(there('the policy is attached'), gone('the policy is not attached')),
    [`iam:Detach${kind}Policy`]: isAttached(gone('the policy is attached again'), there('the policy is still not attached')),
    [`iam:Put${kind}Policy`]: look(asksInline, [whom, 'policyName'], async (names, { iam }, row) =>
      textStanding(await inlinePolicyOf(iam, kind, names[whom], names.policyName), row),
    ),
    [`iam:Delete${kind}Policy`]: look(asksInline, [whom, 'policyName'], async (names, { iam }) => {
      try {
        await inlinePolicyOf(iam, kind, names[whom], names.policyName)
        return gone('a policy of that name is there again')
      } catch (error) {
        if (!isMissing(error)) throw error
        // Whoever had it may be gone too: then IAM knows no list of his, and the persistence artefact is gone with him.
        await attachedPoliciesOf(iam, kind, names[whom])
        return there('there is still no policy of that name')
      }
    }),
  }
}

const policy = look('iam:GetPolicy', ['policyArn'], async ({ policyArn: PolicyArn }, { iam }, row) => {
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn }))
  const seen = inAnswer(Policy, ({ CreateDate }) => madeAt('policy', CreateDate, row))
  const holders = Policy?.AttachmentCount
  return holders === undefined ? seen : { ...seen, says: [...seen.says, `, attached to ${holders} of users, roles and groups`] }
})

const version = look('iam:GetPolicyVersion', ['policyArn', 'policyVersion'], async (names, { iam }, row) => {
  const { PolicyVersion } = await iam.send(
    new GetPolicyVersionCommand({ PolicyArn: names.policyArn, VersionId: names.policyVersion }),
  )
  return inAnswer(PolicyVersion, ({ CreateDate, IsDefaultVersion }) => {
    const made = madeAt(`version ${names.policyVersion}`, CreateDate, row)
    return { ...made, says: [...made.says, IsDefaultVersion ? ', and is the default' : ', not the default'] }
  })
})

const defaultVersion = look('iam:GetPolicy', ['policyArn', 'policyVersion'], async (names, { iam }) => {
  const { Policy } = await iam.send(new GetPolicyCommand({ PolicyArn: names.policyArn }))
  return inAnswer(Policy?.DefaultVersionId, (version) =>
    version === names.policyVersion
      ? there(`version ${names.policyVersion} is the default`)
      : gone(`version ${names.policyVersion} is not the default`),
  )
})

/** Policies, and who has them. */
export const POLICY_LOOKS: Readonly<Record<string, Look>> = {
  ...looksOn('User'),
  ...looksOn('Role'),
  ...looksOn('Group'),
  'iam:CreatePolicy': policy,
  'iam:CreatePolicyVersion': version,
  'iam:SetDefaultPolicyVersion': defaultVersion,
}
