import { SECOND_MS } from '../../src/incident/values/duration.ts'
import type { IssuedCredential } from '../../src/simulator/account/credentials.ts'
import { findingUserName, principalId } from '../../src/simulator/account/credentials.ts'
import { addUserWithKey, obtainSession } from '../../src/simulator/scenario-kit/obtained-session.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { mainOf } from './scenario.ts'
import { addRole } from './trail.ts'

/** A user of the account with one key, made a year ago. */
export const userWithKey = ({ account }: BuiltScenario, name: string): IssuedCredential => addUserWithKey(account, name)

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
  return obtainSession(account, by, {
    role,
    sessionName,
    at: account.clock.now() - ago * SECOND_MS,
    ...(region ? { region } : {}),
  })
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
  const UserName = findingUserName(principal)
  Object.assign(details, { AccessKeyId: accessKeyId, PrincipalId: principalId(built.account, principal), UserName })
  const { InstanceDetails: _, ...resource } = finding.Resource as Record<string, unknown>
  built.account.findings.set(finding.Id, { ...finding, Resource: resource })
}
