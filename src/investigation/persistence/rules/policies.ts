import { isNotFound } from '../../../aws/failure.ts'
import { plainPolicy } from '../../../aws/policy-document.ts'
import type { PersistenceArtefact } from '../../../incident/facts/activity-rows.ts'
import type { PolicyHolder } from '../../enrichment/iam-lists.ts'
import {
  byCreationDate,
  changed,
  foundInList,
  gone,
  inAnswer,
  type LiveLook,
  type LookResult,
  liveLook,
  type PersistenceRule,
  there,
} from '../rule.ts'
import { writtenPolicyOf } from '../written-policy.ts'

type HolderWord = Lowercase<PolicyHolder>

const attachment = (holder: PolicyHolder, attached: LookResult, detached: LookResult): LiveLook => {
  const word = holder.toLowerCase() as HolderWord
  return liveLook(`iam:ListAttached${holder}Policies`, [word, 'policyArn'], async (names, { reads }) => {
    const policies = await reads.listAttachedPolicies(holder, names[word])
    return foundInList(policies, ({ PolicyArn }) => PolicyArn === names.policyArn, attached, detached)
  })
}

const inlinePolicy = (holder: PolicyHolder): LiveLook => {
  const word = holder.toLowerCase() as HolderWord
  return liveLook(`iam:Get${holder}Policy`, [word, 'policyName'], async (names, { reads }, artefact) =>
    textStanding(await reads.getInlinePolicy(holder, names[word], names.policyName), artefact),
  )
}

/** The text in IAM, compared with the text in the record. */
const textStanding = (encoded: string | undefined, { writtenPolicy }: PersistenceArtefact): LookResult => {
  const now = encoded === undefined ? undefined : writtenPolicyOf(plainPolicy(encoded))
  if (!now || !writtenPolicy) return there('a policy of that name is there')
  return now.fingerprint === writtenPolicy.fingerprint
    ? there('the policy is there, with the text in the record')
    : changed('a policy of that name is there, with another text than in the record')
}

const deletedInlinePolicy = (holder: PolicyHolder): LiveLook => {
  const word = holder.toLowerCase() as HolderWord
  return liveLook(`iam:Get${holder}Policy`, [word, 'policyName'], async (names, { reads }) => {
    try {
      await reads.getInlinePolicy(holder, names[word], names.policyName)
      return gone('a policy of that name is there again')
    } catch (error) {
      if (!isNotFound(error)) throw error
      // If its holder is gone too, this read fails with the same error, and then the artefact is gone.
      await reads.listAttachedPolicies(holder, names[word])
      return there('there is still no policy of that name')
    }
  })
}

const PUT_BACK = 'If the policy denied something, put it back: a revocation of older sessions and AWS’s quarantine policy do.'

/** iam:Attach…Policy, iam:Put…Policy, iam:Detach…Policy, iam:Delete…Policy and the permissions boundaries. */
const policiesOn = (holder: PolicyHolder): readonly PersistenceRule[] => {
  const word = holder.toLowerCase() as HolderWord
  const on = `--${word}-name {${word}}`
  return [
    {
      events: [`iam:Attach${holder}Policy`],
      technique: 'T1098.003',
      left: `policy {policyArn} on ${word} {${word}}`,
      remedy: `aws iam detach-${word}-policy ${on} --policy-arn {policyArn}`,
      undo: [`Detach${holder}Policy`],
      look: attachment(holder, there('the policy is attached'), gone('the policy is not attached')),
    },
    {
      events: [`iam:Put${holder}Policy`],
      technique: 'T1098.003',
      left: `inline policy {policyName} on ${word} {${word}}`,
      remedy: `aws iam delete-${word}-policy ${on} --policy-name {policyName}`,
      note: 'If the policy was there before, write its former text back instead.',
      undo: [`Delete${holder}Policy`],
      look: inlinePolicy(holder),
    },
    {
      events: [`iam:Detach${holder}Policy`],
      technique: 'T1098.003',
      left: `${word} {${word}} without policy {policyArn}`,
      remedy: PUT_BACK,
      undo: [`Attach${holder}Policy`],
      look: attachment(holder, gone('the policy is attached again'), there('the policy is still not attached')),
    },
    {
      events: [`iam:Delete${holder}Policy`],
      technique: 'T1098.003',
      left: `${word} {${word}} without inline policy {policyName}`,
      remedy: PUT_BACK,
      undo: [`Put${holder}Policy`],
      look: deletedInlinePolicy(holder),
    },
  ]
}

const boundaryOf = (holder: 'User' | 'Role'): PersistenceRule => {
  const word = holder.toLowerCase()
  return {
    events: [`iam:Put${holder}PermissionsBoundary`, `iam:Delete${holder}PermissionsBoundary`],
    technique: 'T1098.003',
    left: `permissions boundary of ${word} {${word}}, changed`,
    remedy: `Restore the former boundary (aws iam put-${word}-permissions-boundary).`,
  }
}

/** IAM policies, and the users, roles and groups that they are on. */
export const POLICY_RULES: readonly PersistenceRule[] = [
  ...policiesOn('User'),
  ...policiesOn('Role'),
  ...policiesOn('Group'),
  boundaryOf('User'),
  boundaryOf('Role'),
  {
    events: ['iam:CreatePolicy'],
    technique: 'T1098.003',
    danger: 'holder',
    left: 'policy {policyArn}',
    remedy: 'aws iam delete-policy --policy-arn {policyArn}',
    note: 'Detach it from users, groups and roles first.',
    undo: ['DeletePolicy'],
    look: liveLook('iam:GetPolicy', ['policyArn'], async ({ policyArn }, { reads }, artefact) =>
      inAnswer(await reads.getPolicy(policyArn), ({ CreateDate, AttachmentCount }) => {
        const { standing, observed } = byCreationDate('policy', CreateDate, artefact)
        const attached = AttachmentCount === undefined ? [] : [`, attached to ${AttachmentCount} users, roles and groups`]
        return { standing, observed: [...observed, ...attached] }
      }),
    ),
  },
  {
    events: ['iam:CreatePolicyVersion'],
    technique: 'T1098.003',
    left: 'version {policyVersion} of policy {policyArn}',
    remedy: 'aws iam delete-policy-version --policy-arn {policyArn} --version-id {policyVersion}',
    note: 'Make another version the default first.',
    undo: ['DeletePolicyVersion'],
    look: liveLook('iam:GetPolicyVersion', ['policyArn', 'policyVersion'], async (names, { reads }, artefact) =>
      inAnswer(await reads.getPolicyVersion(names.policyArn, names.policyVersion), ({ CreateDate, IsDefaultVersion }) => {
        const { standing, observed } = byCreationDate(`version ${names.policyVersion}`, CreateDate, artefact)
        return { standing, observed: [...observed, IsDefaultVersion ? ', and is the default' : ', not the default'] }
      }),
    ),
  },
  {
    events: ['iam:SetDefaultPolicyVersion'],
    technique: 'T1098.003',
    left: 'version {policyVersion}, made the default of policy {policyArn}',
    remedy:
      'Make the former default version the default again (aws iam list-policy-versions, aws iam set-default-policy-version).',
    look: liveLook('iam:GetPolicy', ['policyArn', 'policyVersion'], async (names, { reads }) =>
      inAnswer((await reads.getPolicy(names.policyArn))?.DefaultVersionId, (version) =>
        version === names.policyVersion
          ? there(`version ${names.policyVersion} is the default`)
          : gone(`version ${names.policyVersion} is not the default`),
      ),
    ),
  },
]
