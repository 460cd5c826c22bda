import type { Role, RoleSession } from '../incident/facts/subject.ts'
import { shellWord } from '../incident/values/shell-word.ts'

/** Why a role cannot be denied here, and where and how its session is contained instead. */
interface ElsewhereContained {
  readonly why: string
  readonly remedy: string
}

/** The service behind a service-linked role, by its path: `/aws-service-role/SERVICE/` ("Service-linked roles"). */
const serviceOf = ({ path }: Pick<Role, 'path'>): string =>
  /^\/aws-service-role\/([\w.-]+)\/$/.exec(path)?.[1] ?? 'the service that owns it'

/** A service-linked role: nobody puts a policy on it ("Revoke IAM role temporary security credentials"). */
export const serviceLinkedRefusal = ({ role, accessKeyId }: Pick<RoleSession, 'role' | 'accessKeyId'>): ElsewhereContained => ({
  why: `${role.name} is a service-linked role: nobody can put a policy on it, so its sessions cannot be revoked`,
  remedy:
    `contain it in ${serviceOf(role)}: stop or delete there what uses the role (aws iam get-role --role-name ${shellWord(role.name)} shows when it was last used); ` +
    `see what the key did: \`ir-cred investigate --access-key-id ${accessKeyId}\`; open a case with AWS Support, who alone can end the session`,
})

/** What denies the person's sessions alone: the other people with the permission set share the role ("Revoke active IAM role sessions created by permission sets"). */
const PERSON_DENY =
  '{"Effect":"Deny","Action":"*","Resource":"*","Condition":{"StringEquals":{"identitystore:UserId":"USER_ID"},"DateLessThan":{"aws:TokenIssueTime":"NOW"}}}'

/**
 * A role of a permission set: IAM refuses every edit, so the way is IAM Identity Center in the management account or its delegated
 * administrator. Disabling a user and ending portal sessions have no API.
 */
export const permissionSetRefusal = ({
  role,
  sessionName,
  accessKeyId,
}: Pick<RoleSession, 'role' | 'sessionName' | 'accessKeyId'>): ElsewhereContained => {
  const set = /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/.exec(role.name)?.[1] ?? role.name
  const person = shellWord(sessionName)
  const target = '--instance-arn INSTANCE_ARN --permission-set-arn PERMISSION_SET_ARN'
  return {
    why: `${role.name} belongs to an IAM Identity Center permission set: IAM does not let you edit it`,
    remedy: [
      'work in the organization’s management account, or its delegated administrator for IAM Identity Center, in this order',
      `1. in the console of IAM Identity Center, disable user ${person} and delete the user’s active sessions (there is no API; role sessions live on, up to 12 h)`,
      `2. find the ids: aws sso-admin list-instances; aws identitystore list-users --identity-store-id STORE_ID --filters AttributePath=UserName,AttributeValue=${person}; aws sso-admin list-permission-sets --instance-arn INSTANCE_ARN (the set is ${shellWord(set)})`,
      `3. keep the set’s one inline policy, which the next command overwrites: aws sso-admin get-inline-policy-for-permission-set ${target} > before.json`,
      `4. add this statement to it, with NOW as UTC time: ${PERSON_DENY}; then aws sso-admin put-inline-policy-to-permission-set ${target} --inline-policy file://merged.json; aws sso-admin provision-permission-set ${target} --target-type ALL_PROVISIONED_ACCOUNTS`,
      '5. reset the password and MFA at the identity provider, and remove the assignment when the evidence is kept: aws sso-admin delete-account-assignment',
      `6. afterwards, see whether the key still succeeds: \`ir-cred investigate --access-key-id ${accessKeyId}\``,
    ].join('; '),
  }
}
