import { DescribeInstancesCommand, type DescribeInstancesCommandInput, type Instance } from '@aws-sdk/client-ec2'
import { GetRoleCommand, GetUserCommand } from '@aws-sdk/client-iam'
import { inEveryRegion, notReadSentences } from '../../../aws/every-region.ts'
import { emptyAnswer, isNotFound, unreadReason } from '../../../aws/failure.ts'
import type { IamUser, Role } from '../../../incident/facts/subject.ts'
import type { Finding } from '../../../incident/finding/finding.ts'
import { DAY_SECONDS } from '../../../incident/values/duration.ts'
import { given } from '../../../incident/values/given.ts'
import { instantOf, plus } from '../../../incident/values/instant.ts'
import { untrusted, untrustedOrNone } from '../../../incident/values/untrusted.ts'
import { issuancesTo } from '../../../investigation/issuance.ts'
import { lookupEvents } from '../../../investigation/sources/lookup-events.ts'
import { type Blocked, blocked, type Context } from '../../stage.ts'
import { whyMissing } from './missing-instance.ts'
import type { NamedPrincipal, NamedUserKey } from './principal.ts'

/** An instance and the Region where it was found; or where it was looked for first, and why EC2 shows it nowhere. */
export type LocatedInstance =
  | { readonly region: string; readonly instance: Instance; readonly missing?: undefined }
  | { readonly region: string; readonly instance?: undefined; readonly missing: string }

/** The role as IAM has it. Another unique id means that the role was deleted and created again under the same name. */
export const readRole = async (
  finding: Finding,
  { roleName, roleId, accessKeyId }: NamedPrincipal,
  context: Context,
): Promise<Role | Blocked> => {
  try {
    const { Role: role } = await context.aws(finding.region).iam.send(new GetRoleCommand({ RoleName: roleName }))
    if (!role?.RoleId || !role.Arn) throw emptyAnswer('iam:GetRole', 'a role')
    if (role.RoleId !== roleId) {
      return blocked(
        `role ${roleName} now has the id ${role.RoleId}; the finding is about ${roleId}, which no longer exists`,
        `AWS refuses the sessions of a deleted role; see what the key did: \`ir-cred findings --access-key-id ${accessKeyId}\``,
      )
    }
    return {
      name: role.RoleName ?? roleName,
      id: role.RoleId,
      arn: role.Arn,
      path: role.Path ?? '/',
      createdAt: instantOf(role.CreateDate ?? new Date(0)),
      ...given({ description: role.Description ? untrusted(role.Description) : undefined }),
      tags: (role.Tags ?? []).map(({ Key, Value }) => ({
        key: untrusted(Key ?? ''),
        value: untrustedOrNone(Value) ?? untrusted(''),
      })),
    }
  } catch (error) {
    if (isNotFound(error))
      return blocked(
        `role ${roleName} does not exist in this account`,
        'check that this is the right account; AWS refuses the sessions of a deleted role',
      )
    const why = unreadReason(error)
    if (why === undefined) throw error
    return asNamed(finding, { roleName, roleId }, `iam:GetRole ${why}`)
  }
}

/** The user as IAM has it. Another unique id means that the user was deleted and created again under the same name. */
export const readUser = async (
  { region, partition, accountId }: Finding,
  { userName, principalId, accessKeyId }: NamedUserKey,
  context: Context,
): Promise<IamUser | Blocked> => {
  const [userId = ''] = principalId.split(':')
  try {
    const { User } = await context.aws(region).iam.send(new GetUserCommand({ UserName: userName }))
    if (!User?.UserId || !User.Arn) throw emptyAnswer('iam:GetUser', 'a user')
    if (userId.startsWith('AIDA') && User.UserId !== userId)
      return blocked(
        `user ${userName} now has the id ${User.UserId}; the finding is about ${userId}, which no longer exists`,
        `AWS refuses the keys of a deleted user; see what the key did: \`ir-cred findings --access-key-id ${accessKeyId}\``,
      )
    return { name: User.UserName ?? userName, id: User.UserId, arn: User.Arn }
  } catch (error) {
    if (isNotFound(error))
      return blocked(
        `user ${userName} does not exist in this account`,
        'check that this is the right account; AWS refuses the keys of a deleted user',
      )
    const why = unreadReason(error)
    if (why === undefined) throw error
    const arn = `arn:${partition}:iam::${accountId}:user/${userName}`
    return { name: userName, id: userId, arn, unread: `iam:GetUser ${why}` }
  }
}

/** The role as the finding names it: the deny needs no more, and IAM refuses it where there is no such role, or none that takes a policy. */
const asNamed = (
  { partition, accountId }: Finding,
  { roleName, roleId }: Pick<NamedPrincipal, 'roleName' | 'roleId'>,
  unread: string,
): Role => ({
  name: roleName,
  id: roleId,
  arn: `arn:${partition}:iam::${accountId}:role/${roleName}`,
  path: '/',
  tags: [],
  unread,
})

/**
 * The instance, looked for first where the finding is, then in the other Regions. One that EC2 shows as terminated is found too, where no
 * Region shows it otherwise: what it was given can still be denied.
 */
export const findInstance = async (instanceId: string, finding: Finding, context: Context): Promise<LocatedInstance> => {
  const look = (region: string) => describeInstance(context, region, instanceId)
  const first = await inEveryRegion([finding.region], 'ec2:DescribeInstances', look)
  const here = first.answers[0]?.answer
  if (isAlive(here)) return { region: finding.region, instance: here }
  const others = context.regions.filter((region) => region !== finding.region)
  const rest = await inEveryRegion(others, 'ec2:DescribeInstances', look)
  const answers = [...first.answers, ...rest.answers]
  const shown = answers.flatMap(({ region, answer }) => (answer ? [{ region, instance: answer }] : []))
  const found = shown.find(({ instance }) => isAlive(instance)) ?? shown[0]
  if (found) return found
  const gaps = notReadSentences('ec2:DescribeInstances', [...first.notRead, ...rest.notRead])
  const where = answers.map(({ region }) => region).join(', ')
  if (answers.length === 0) return { region: finding.region, missing: gaps.join('; ') }
  const why = [await whyMissing(instanceId, finding.region, context), ...gaps].join('; ')
  return { region: finding.region, missing: `EC2 does not show instance ${instanceId} in ${where}: ${why}` }
}

const isAlive = (instance: Instance | undefined): instance is Instance =>
  instance !== undefined && instance.State?.Name !== 'terminated'

/** The instance as EC2 describes it now; undefined when EC2 does not know it there. An empty answer is asked for once more, by a filter. */
export const describeInstance = async (context: Context, region: string, instanceId: string): Promise<Instance | undefined> => {
  const { ec2 } = context.aws(region)
  const look = async (by: DescribeInstancesCommandInput): Promise<Instance | undefined> => {
    const { Reservations } = await ec2.send(new DescribeInstancesCommand(by))
    return Reservations?.flatMap(({ Instances }) => Instances ?? []).find(({ InstanceId }) => InstanceId === instanceId)
  }
  try {
    const byFilter = { Filters: [{ Name: 'instance-id', Values: [instanceId] }] }
    return (await look({ InstanceIds: [instanceId] })) ?? (await look(byFilter))
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

/** The keys that EC2 issued to the instance in the last two days, as CloudTrail shows them. */
export const issuedLately = async (instanceId: string, region: string, context: Context) => {
  const lately = { from: plus(context.now(), -2 * DAY_SECONDS), until: context.now() }
  const asked = { attribute: 'ResourceName' as const, value: instanceId, ...lately }
  const { records } = await lookupEvents(context.aws(region).cloudtrail, region, asked)
  return issuancesTo(instanceId, records)
}
