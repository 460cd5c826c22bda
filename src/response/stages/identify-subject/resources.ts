import { DescribeInstancesCommand, type Instance } from '@aws-sdk/client-ec2'
import { GetRoleCommand } from '@aws-sdk/client-iam'
import { emptyAnswer, isNotFound } from '../../../aws/failure.ts'
import type { Role } from '../../../incident/facts/subject.ts'
import type { Finding } from '../../../incident/finding/finding.ts'
import { instantOf } from '../../../incident/values/instant.ts'
import { untrusted, untrustedOrNone } from '../../../incident/values/untrusted.ts'
import { type Assessment, blocked, type Context } from '../../stage.ts'
import type { NamedPrincipal } from './principal.ts'

type Stopped = Assessment<never> & { status: 'blocked' }

/** An instance and the Region where it was found. */
export interface LocatedInstance {
  readonly region: string
  readonly instance: Instance
}

/** The role as IAM has it. Another unique id means that the role was deleted and made anew under the same name. */
export const readRole = async (
  finding: Finding,
  { roleName, roleId }: NamedPrincipal,
  context: Context,
): Promise<Role | Stopped> => {
  try {
    const { Role: role } = await context.aws(finding.region).iam.send(new GetRoleCommand({ RoleName: roleName }))
    if (!role?.RoleId || !role.Arn) throw emptyAnswer('iam:GetRole', 'a role')
    if (role.RoleId !== roleId) {
      return blocked(
        `role ${roleName} now has the id ${role.RoleId}; the finding is about ${roleId}, which no longer exists`,
        'sessions of a deleted role are refused by IAM; look at what the key did: ir-cred findings --access-key-id',
      ) as Stopped
    }
    return {
      name: role.RoleName ?? roleName,
      id: role.RoleId,
      arn: role.Arn,
      path: role.Path ?? '/',
      createdAt: instantOf(role.CreateDate ?? new Date(0)),
      ...(role.Description ? { description: untrusted(role.Description) } : {}),
      tags: (role.Tags ?? []).map(({ Key, Value }) => ({
        key: untrusted(Key ?? ''),
        value: untrustedOrNone(Value) ?? untrusted(''),
      })),
    }
  } catch (error) {
    if (!isNotFound(error)) throw error
    return blocked(
      `role ${roleName} does not exist in this account`,
      'check the account; a deleted role’s sessions are refused by IAM',
    ) as Stopped
  }
}

/** The instance, looked for first where the finding is, then in the other Regions. */
export const findInstance = async (
  instanceId: string,
  finding: Finding,
  context: Context,
): Promise<LocatedInstance | Stopped> => {
  for (const region of new Set([finding.region, ...context.regions])) {
    const instance = await describeInstance(context, region, instanceId)
    if (instance && instance.State?.Name !== 'terminated') return { region, instance }
  }
  return blocked(
    `instance ${instanceId} is not there (any more) in ${[...new Set([finding.region, ...context.regions])].join(', ')}`,
    'if it was terminated, its credentials live on until they expire: in IAM, open the role and choose Revoke sessions; if it is elsewhere, name the Region with --region',
  ) as Stopped
}

/** The instance as EC2 describes it now; undefined when EC2 does not know it there. */
export const describeInstance = async (context: Context, region: string, instanceId: string): Promise<Instance | undefined> => {
  try {
    const { Reservations } = await context.aws(region).ec2.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }))
    return Reservations?.flatMap(({ Instances }) => Instances ?? []).find(({ InstanceId }) => InstanceId === instanceId)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
