import { HOUR_SECONDS } from '../../../incident/values/duration.ts'
import { iamArn } from '../../account/arns.ts'
import { issueSession } from '../../issue-credentials.ts'
import { recordIssue } from '../../records/record.ts'
import { addUserWithKey, obtainSession } from '../obtained-session.ts'
import { accountTrust, allow, policy } from '../policies.ts'
import { issuedAt, noWorkload, roleFor, underKey } from './issued.ts'
import { recordSamlIssue } from './saml.ts'
import type { SubjectBuilder } from './subject.ts'
import { identityCenterTrust, serviceTrust } from './trusts.ts'

const ADMINISTRATOR = policy(allow(['*']))

/** A session that a user of the account obtained by AssumeRole, under a name of his choice. */
export const obtainedSession: SubjectBuilder = (standard, names) => {
  const { account } = standard
  const trustPolicy = accountTrust(account.id)
  const role = roleFor(standard, names, { name: 'deploy', id: 'AROAXCSEC6TN5DEPLOY77', trustPolicy })
  const stolen = obtainSession(account, addUserWithKey(account, `${role.name}-pipeline`), {
    ...{ role, sessionName: names.sessionName ?? 'pipeline', at: issuedAt(standard) },
    ...(names.accessKeyId === undefined ? {} : { accessKeyId: names.accessKeyId }),
  })
  return { stolen, roleName: role.name, ...noWorkload(standard) }
}

/** A person's session of a permission set: the role is IAM Identity Center's, and nobody in the account may change it. */
export const identityCenterSession: SubjectBuilder = (standard, names, remoteIp) => {
  const { account, now } = standard
  const provider = iamArn(account, 'saml-provider', 'AWSSSO_0123456789abcdef_DO_NOT_DELETE')
  account.identityProviders.set(provider, { arn: provider, createdAt: now, source: '<EntityDescriptor/>', clientIds: [] })
  const role = roleFor(standard, names, {
    name: 'AWSReservedSSO_AdministratorAccess_0123456789abcdef',
    id: 'AROAXCSEC6TN5SSOADM77',
    path: '/aws-reserved/sso.amazonaws.com/',
    trustPolicy: identityCenterTrust(provider),
    policy: ADMINISTRATOR,
  })
  const person = names.sessionName ?? 'alice@acme.example'
  const issued = issueSession(account, role, person, 12 * HOUR_SECONDS, issuedAt(standard))
  const stolen = underKey(standard, issued, names.accessKeyId)
  recordSamlIssue(account, { role, provider, person, session: stolen, sourceIp: remoteIp, userAgent: 'aws-internal/3' })
  return { stolen, roleName: role.name, ...noWorkload(standard) }
}

/** The service whose role it is, as far as its name tells: `AWSServiceRoleForAutoScaling` is autoscaling.amazonaws.com's. */
const serviceOf = (roleName: string): string =>
  `${
    roleName
      .replace(/^AWSServiceRoleFor/, '')
      .replace(/_.*$/, '')
      .toLowerCase() || 'autoscaling'
  }.amazonaws.com`

/** A session of a service-linked role: the service took it, and nobody in the account may change the role. */
export const serviceLinkedSession: SubjectBuilder = (standard, names) => {
  const { account } = standard
  const name = names.name ?? 'AWSServiceRoleForAutoScaling'
  const service = serviceOf(name)
  const role = roleFor(standard, names, {
    ...{ name, id: 'AROAXCSEC6TN5LINKED77', path: `/aws-service-role/${service}/` },
    trustPolicy: serviceTrust(service),
    policy: policy(allow(['ec2:*', 's3:ListAllMyBuckets'])),
  })
  const issued = issueSession(account, role, names.sessionName ?? 'AutoScaling', HOUR_SECONDS, issuedAt(standard))
  const stolen = underKey(standard, issued, names.accessKeyId)
  recordIssue(account, stolen, service)
  return { stolen, roleName: role.name, ...noWorkload(standard) }
}
