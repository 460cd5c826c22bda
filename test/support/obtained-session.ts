import { SECOND_MS } from '../../src/incident/values/duration.ts'
import type { IssuedCredential } from '../../src/simulator/account/credentials.ts'
import { principalArn, principalId } from '../../src/simulator/account/credentials.ts'
import { issueSession, issueUserKey } from '../../src/simulator/issue-credentials.ts'
import { recordEvent } from '../../src/simulator/records/record.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { userLike } from './account.ts'
import { mainOf } from './scenario.ts'
import { addRole } from './trail.ts'

/** A user of the account with one key, made a year ago. */
export const userWithKey = ({ account }: BuiltScenario, name: string): IssuedCredential => {
  const user = userLike({ name })
  account.users.set(name, user)
  return issueUserKey(account, user, account.clock.now() - 3e10)
}

/** A role of the account that may do anything. */
export const roleNamed = ({ account }: BuiltScenario, name: string): void => addRole(account, name)

/** A session that somebody obtained by AssumeRole some seconds ago, under a name of his choice, with CloudTrail's record of it. */
export const obtain = (
  { account }: BuiltScenario,
  by: IssuedCredential,
  { roleName = 'web-app', sessionName, ago = 2400, region }: ObtainedParts,
): IssuedCredential => {
  const role = account.roles.get(roleName)
  if (!role) throw new Error(`no role ${roleName}`)
  const at = account.clock.now() - ago * SECOND_MS
  const session = issueSession(account, role, sessionName, 43_200, at)
  const { principal, accessKeyId, sessionToken } = session
  const RoleArn = `arn:aws:iam::${account.id}:role${role.path}${roleName}`
  recordEvent(account, {
    credential: by,
    eventSource: 'sts.amazonaws.com',
    eventName: 'AssumeRole',
    readOnly: true,
    sourceIp: '198.51.100.23',
    userAgent: 'aws-cli/2.15.30',
    at,
    ...(region ? { region } : {}),
    requestParameters: { RoleArn, RoleSessionName: sessionName },
    responseElements: {
      Credentials: { AccessKeyId: accessKeyId, SessionToken: sessionToken },
      AssumedRoleUser: { AssumedRoleId: principalId(principal), Arn: principalArn(account.id, principal) },
    },
    resources: [{ type: 'AWS::IAM::AccessKey', name: accessKeyId }],
  })
  return session
}

interface ObtainedParts {
  readonly roleName?: string
  readonly sessionName: string
  readonly ago?: number
  readonly region?: string
}

/** The scenario's finding, about these credentials instead. */
export const aboutSession = (built: BuiltScenario, { accessKeyId, principal }: IssuedCredential): void => {
  const finding = mainOf(built)
  const details = (finding.Resource as { AccessKeyDetails: object }).AccessKeyDetails
  const UserName = principal.type === 'role-session' ? principal.roleName : principal.userName
  Object.assign(details, { AccessKeyId: accessKeyId, PrincipalId: principalId(principal), UserName })
  const { InstanceDetails: _, ...resource } = finding.Resource as Record<string, unknown>
  built.account.findings.set(finding.Id, { ...finding, Resource: resource })
}
