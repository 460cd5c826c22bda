import type { PolicyRead, RiskRemark, StatementRead } from '../../incident/facts/role-profile.ts'
import { given } from '../../incident/values/given.ts'
import { rawText, type Untrusted, untrusted } from '../../incident/values/untrusted.ts'
import { matchesPattern } from '../analysis/used-and-granted.ts'

/** When an Allow counts as far-reaching: by one of its patterns, and for the last ones only where it is for all resources. */
interface RiskRule {
  readonly name: string
  /** Completes "allows it to …". */
  readonly means: string
  readonly meets: (pattern: string) => boolean
  readonly onAllResources: boolean
}

const isEverything = (pattern: string): boolean => /^\*+$|^\*+:\*+$/.test(pattern)

/** A pattern that allows one of the actions, and not simply everything, which has a rule of its own. */
const allowsOne =
  (...actions: readonly string[]) =>
  (pattern: string): boolean =>
    !isEverything(pattern) && actions.some((action) => matchesPattern(pattern, action))

/** Ways to more permissions than one has, by editing one's own or somebody else's ("AWS IAM privilege escalation", the IAM part). */
const EDITS = [
  'iam:AddUserToGroup',
  'iam:AttachGroupPolicy',
  'iam:AttachRolePolicy',
  'iam:AttachUserPolicy',
  'iam:CreateAccessKey',
  'iam:CreateLoginProfile',
  'iam:CreatePolicyVersion',
  'iam:PutGroupPolicy',
  'iam:PutRolePolicy',
  'iam:PutUserPolicy',
  'iam:SetDefaultPolicyVersion',
  'iam:UpdateAssumeRolePolicy',
  'iam:UpdateLoginProfile',
]

/** The stated rules. Nothing else is ever called a risk. */
export const RISK_RULES: readonly RiskRule[] = [
  { name: 'all actions', means: 'call everything', meets: isEverything, onAllResources: false },
  {
    name: 'all of IAM',
    means: 'call everything of IAM',
    meets: (pattern) => /^iam:\*+$/i.test(pattern),
    onAllResources: false,
  },
  {
    name: 'edits permissions',
    means: 'give itself or others more permissions',
    meets: (pattern) => !/^iam:\*+$/i.test(pattern) && allowsOne(...EDITS)(pattern),
    onAllResources: true,
  },
  { name: 'takes any role', means: 'take every role that lets it', meets: allowsOne('sts:AssumeRole'), onAllResources: true },
  { name: 'passes any role', means: 'hand any role to a service', meets: allowsOne('iam:PassRole'), onAllResources: true },
  {
    name: 'reads any secret',
    means: 'read every secret',
    meets: allowsOne('secretsmanager:GetSecretValue'),
    onAllResources: true,
  },
]

const NOT_ACTION = 'all but some actions'

/** What the rules find in the permissions. A boundary grants nothing and is left out; whether a Deny forbids it again is not weighed. */
export const risksIn = (policies: readonly PolicyRead[]): readonly RiskRemark[] =>
  policies.flatMap((policy) => (policy.use === 'permissions' ? policy.statements.flatMap((one) => risksOf(policy, one)) : []))

const risksOf = ({ name: policy, group }: PolicyRead, statement: StatementRead): readonly RiskRemark[] => {
  if (statement.effect === 'Deny') return []
  const forAll = statement.resources.some((resource) => rawText(resource) === '*')
  const narrowed = !forAll || statement.conditions.length > 0
  const remark = (rule: string, pattern: Untrusted): RiskRemark => ({
    rule,
    policy,
    ...given({ group }),
    pattern,
    narrowed,
  })
  const excepted = statement.notActions.map(rawText).join(', ')
  return [
    ...(excepted === '' ? [] : [remark(NOT_ACTION, untrusted(`NotAction ${excepted}`))]),
    ...statement.actions.flatMap((action) =>
      RISK_RULES.filter(({ meets, onAllResources }) => meets(rawText(action)) && (forAll || !onAllResources)).map(({ name }) =>
        remark(name, action),
      ),
    ),
  ]
}

/** The rules in one sentence, for whoever reads a remark. */
export const RISK_SENTENCE = `Called far-reaching are Allow statements with ${[
  ...RISK_RULES.map(({ name }) => name),
  NOT_ACTION,
].join(', ')}; a boundary or a Deny may still forbid them.`
