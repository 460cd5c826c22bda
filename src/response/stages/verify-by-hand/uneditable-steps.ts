import { awsCommandFor } from '../../../incident/aws-command.ts'
import { isServiceLinked } from '../../../incident/facts/recipient.ts'
import type { Role } from '../../../incident/facts/subject.ts'
import { MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { type Instant, isBefore, plus, wholeSecond } from '../../../incident/values/instant.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import type { Context } from '../../stage.ts'
import { type LookedStep, type StepLook, shows } from './hand-steps.ts'
import { plainText, readWords } from './newest-calls.ts'
import type { UneditableSeen } from './uneditable-role.ts'

/** What is done before the calls of the key say anything, in its order. `declaredAt` is when a person declared the first step done. */
export const uneditableSteps = (
  seen: UneditableSeen,
  declaredAt: Instant | undefined,
  setting: Context['setting'],
): readonly LookedStep[] =>
  isServiceLinked(seen.subject.role)
    ? [serviceStep(seen, declaredAt, setting)]
    : [denyStep(seen, setting), sessionsStep(seen, declaredAt), identityStep(seen)]

/** What the account sees of new sessions, which show whether the source is closed. */
const issuedLook = (
  { issued, key }: UneditableSeen,
  whose: string,
  declaredAt: Instant | undefined,
  hidden: string,
): StepLook => {
  const [newest] = issued
  if (newest && declaredAt && isBefore(declaredAt, newest.at))
    return shows(
      'open',
      `it was declared at ${wholeSecond(declaredAt)}, and ${whose} took another session at ${newest.at} (${newest.eventName})`,
    )
  const seen = newest
    ? `${whose} took ${issued.length === 1 ? 'another session' : `${issued.length} more sessions`} since the stolen one, the last at ${newest.at}`
    : `no other session of ${whose} since the stolen one is seen`
  return shows('nothing', `${hidden}; ${seen} (${readWords(key)})`)
}

/** The service behind a service-linked role, by its path: `/aws-service-role/SERVICE/` ("Service-linked roles"). */
const serviceOf = ({ path }: Pick<Role, 'path'>): string =>
  /^\/aws-service-role\/([\w.-]+)\/$/.exec(path)?.[1] ?? 'the service that owns the role'

const serviceStep = (seen: UneditableSeen, declaredAt: Instant | undefined, setting: Context['setting']): LookedStep => {
  const { role } = seen.subject
  const service = serviceOf(role)
  return {
    id: 'service-resource',
    sentence: `Stop or delete in ${service} what uses role ${role.name}, and open a case with AWS Support, who alone can end the session`,
    where: `in ${service}`,
    commands: [awsCommandFor(setting)(`iam get-role --role-name ${shellWord(role.name)} --query Role.RoleLastUsed`)],
    look: issuedLook(seen, service, declaredAt, 'ir-cred does not know which resource uses the role'),
  }
}

/** The person as the account knows it: the name of the session, which IAM Identity Center sets to the user's name. */
const personOf = ({ subject: { sessionName } }: UneditableSeen): string => plainText(sessionName)

const sessionsStep = (seen: UneditableSeen, declaredAt: Instant | undefined): LookedStep => ({
  id: 'person-sessions',
  sentence: `Disable user ${personOf(seen)} in IAM Identity Center and delete the user’s active sessions: no new session is opened then, and sessions of a role that are out live on`,
  where: 'in the console of IAM Identity Center, in the management account or its delegated administrator (there is no API)',
  commands: [],
  look: issuedLook(seen, personOf(seen), declaredAt, 'IAM Identity Center is not visible from here'),
})

const identityStep = (seen: UneditableSeen): LookedStep => ({
  id: 'person-identity',
  sentence: `Replace the password and the MFA of ${personOf(seen)} at the identity provider, and remove the assignment when the evidence is kept`,
  where: 'at the identity provider, and in the management account',
  commands: [
    'aws sso-admin list-account-assignments-for-principal --instance-arn INSTANCE_ARN --principal-type USER --principal-id USER_ID',
  ],
  look: shows('nothing', 'the identity provider is not visible from here'),
})

const denyLook = ({ denies, subject, key }: UneditableSeen): StepLook => {
  if (denies === 'gone') return shows('done', `role ${subject.role.name} is gone (IAM): its sessions have no rights any more`)
  if (denies === 'unread') return shows('nothing', 'the inline policies of the role could not be read')
  const reaching = denies.filter(({ cutoff }) => isBefore(key.from, cutoff))
  const [best] = reaching
  if (!best) {
    const late = denies.length > 0 ? '; a deny that stands there is dated before the session' : ''
    return shows('open', `no inline policy of role ${subject.role.name} denies the session (iam:GetRolePolicy)${late}`)
  }
  const reach =
    best.userId === undefined
      ? 'everybody with the permission set'
      : `user ${best.userId} of IAM Identity Center: see that it is the person’s id`
  return shows(
    'done',
    `policy ${best.policy} of the role denies sessions from before ${best.cutoff} (iam:GetRolePolicy), for ${reach}`,
  )
}

/** What denies the person's sessions alone: the other people with the permission set share the role ("Revoke active IAM role sessions created by permission sets"). */
const personDeny = (before: Instant): string =>
  JSON.stringify({
    ...{ Effect: 'Deny', Action: '*', Resource: '*' },
    Condition: { StringEquals: { 'identitystore:UserId': 'USER_ID' }, DateLessThan: { 'aws:TokenIssueTime': before } },
  })

/** A permission set has one inline policy, which the call overwrites: read it, merge, keep what stood there. */
const denyStep = (seen: UneditableSeen, { endpoint }: Context['setting']): LookedStep => {
  const { role } = seen.subject
  const set = /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/.exec(role.name)?.[1] ?? role.name
  const aws = awsCommandFor(endpoint === undefined ? {} : { endpoint })
  const target = '--instance-arn INSTANCE_ARN --permission-set-arn PERMISSION_SET_ARN'
  const before = wholeSecond(plus(seen.key.at, MINUTE_SECONDS / 2))
  return {
    id: 'person-deny',
    sentence: `Deny the older sessions of ${personOf(seen)} by the inline policy of permission set ${plainText(set)}: keep what stands there, and add ${personDeny(before)}`,
    where: 'in the management account of the organization, or its delegated administrator for IAM Identity Center',
    commands: [
      aws('sso-admin list-instances'),
      aws(
        `identitystore list-users --identity-store-id STORE_ID --filters AttributePath=UserName,AttributeValue=${shellWord(seen.subject.sessionName)}`,
      ),
      aws('sso-admin list-permission-sets --instance-arn INSTANCE_ARN'),
      aws(`sso-admin get-inline-policy-for-permission-set ${target} --query InlinePolicy --output text > before.json`),
      aws(`sso-admin put-inline-policy-to-permission-set ${target} --inline-policy file://merged.json`),
      aws(`sso-admin provision-permission-set ${target} --target-type AWS_ACCOUNT --target-id ${seen.subject.accountId}`),
    ],
    look: denyLook(seen),
  }
}
