import { type ApiCall, readCall as read, writeCall as write } from './api-call.ts'

const CLOSE = 'close-access'
const LIFT = 'lift-revocation'
const RENEWAL = 'renew-workload'
const CLOSE_OR_LIFT = `${CLOSE} ${LIFT}`
const lambdaFunction = 'arn:PARTITION:lambda:REGION:ACCOUNT:function:*'
/** Clusters, and the associations under them. */
const eks = 'arn:PARTITION:eks:REGION:ACCOUNT:*'
const pool = 'arn:PARTITION:cognito-identity:REGION:ACCOUNT:identitypool/*'
const profile = 'arn:PARTITION:rolesanywhere:REGION:ACCOUNT:profile/*'

/**
 * The calls that close what issues credentials outside of IAM, and that renew what serves traffic. They need rights of their own, a policy
 * apart: without them each stays named with its command. A lift makes some of them again.
 */
export const closingCalls: readonly ApiCall[] = [
  read('rolesanywhere', 'ListProfiles', CLOSE, 'which profiles of IAM Roles Anywhere name the role'),
  read('rolesanywhere', 'GetProfile', CLOSE_OR_LIFT, 'whether a profile is enabled', profile),
  write('rolesanywhere', 'DisableProfile', CLOSE, 'no certificate takes sessions through it, if approved by name', profile),
  write('rolesanywhere', 'EnableProfile', LIFT, 'enables a profile again that the response disabled', profile),
  read('rolesanywhere', 'ListTrustAnchors', CLOSE, 'whose certificates are taken'),
  read('rolesanywhere', 'ListCrls', CLOSE, 'whether a list of revoked certificates is newer than the theft'),
  read('eks', 'ListClusters', CLOSE, 'in which clusters to look for the role'),
  read('eks', 'ListPodIdentityAssociations', CLOSE_OR_LIFT, 'which associations there are: no list names a role', eks),
  read('eks', 'DescribePodIdentityAssociation', CLOSE_OR_LIFT, 'which role an association gives to its pods', eks),
  write('eks', 'DeletePodIdentityAssociation', CLOSE, 'no pod gets the role by it, if approved by name', eks),
  write('eks', 'CreatePodIdentityAssociation', LIFT, 'creates it again as it was', eks, [
    ...['eks:CreatePodIdentityAssociation', 'eks:TagResource', 'iam:PassRole'],
  ]),
  read('cognito-identity', 'DescribeIdentityPool', CLOSE_OR_LIFT, 'whether an identity pool gives identities to guests', pool),
  write(
    'cognito-identity',
    'UpdateIdentityPool',
    CLOSE_OR_LIFT,
    'an identity pool gives none to guests, if approved by name; put back by a lift',
    pool,
  ),
  write(
    'lambda',
    'UpdateFunctionUrlConfig',
    CLOSE_OR_LIFT,
    'a public function URL asks its callers for a signature, if approved by name; put back by a lift',
    lambdaFunction,
  ),
  read('lambda', 'ListFunctionUrlConfigs', CLOSE, 'whether anybody can call an alias by its URL', lambdaFunction),
  write('lambda', 'RemovePermission', CLOSE, 'nobody invokes a function who is not named, if approved by name', lambdaFunction),
  write('lambda', 'AddPermission', LIFT, 'adds the same statement again', lambdaFunction),
  read(
    'lambda',
    'ListProvisionedConcurrencyConfigs',
    RENEWAL,
    'whether environments are kept ready behind an alias or a version',
    lambdaFunction,
  ),
  write('lambda', 'PublishVersion', RENEWAL, 'a version that takes new credentials, if approved by name', lambdaFunction),
  write('lambda', 'UpdateAlias', RENEWAL, 'an alias points to it, if approved by name', lambdaFunction),
]

/** Those that a response makes, and not only a lift. */
export const responseClosings = closingCalls.filter(({ stages }) => stages.some((stage) => stage !== LIFT))
