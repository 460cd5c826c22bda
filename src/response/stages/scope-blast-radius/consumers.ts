import { DescribeInstancesCommand } from '@aws-sdk/client-ec2'
import { GetRoleCommand, ListInstanceProfilesForRoleCommand } from '@aws-sdk/client-iam'
import { allPages, iamPages } from '../../../aws/pager.ts'
import { decodePolicy, type Statement, statementsOf, valuesOf } from '../../../aws/policy-document.ts'
import type { Consumer } from '../../../incident/facts/facts.ts'
import type { Subject } from '../../../incident/facts/subject.ts'
import { untrusted } from '../../../incident/values/untrusted.ts'
import type { Context } from '../../stage.ts'

/** Everybody else who lives on the role: instances by their profiles, services and people by the trust policy. What may be missing is remarked. */
export const consumersOf = async (subject: Subject, context: Context, remarks: string[]): Promise<readonly Consumer[]> => [
  ...(await instancesOnRole(subject, context, remarks)),
  ...(await trusted(subject, context)),
]

const RESTART = 'stop and start it to give it new credentials'

const instancesOnRole = async (
  { role, region, instanceId }: Subject,
  context: Context,
  remarks: string[],
): Promise<readonly Consumer[]> => {
  const { iam } = context.aws(region)
  const profiles = await iamPages(
    (Marker) => iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: role.name, Marker })),
    ({ InstanceProfiles }) => InstanceProfiles,
  )
  remarks.push(...gap('instance profiles', profiles))
  const arns = profiles.items.map(({ Arn }) => Arn).filter((arn) => arn !== undefined)
  if (arns.length === 0) return []
  const found: Consumer[] = []
  for (const where of new Set([region, ...context.regions])) {
    const { items, incomplete } = await instancesWith(arns, where, context)
    remarks.push(...gap(`instances in ${where}`, { incomplete }))
    for (const instance of items) {
      if (instance.InstanceId === instanceId || !instance.InstanceId) continue
      const name = instance.Tags?.find(({ Key }) => Key === 'Name')?.Value
      found.push({ kind: 'instance', name: instance.InstanceId, ...(name ? { label: untrusted(name) } : {}), remedy: RESTART })
    }
  }
  return found
}

const instancesWith = async (profileArns: readonly string[], region: string, context: Context) => {
  const Filters = [
    { Name: 'iam-instance-profile.arn', Values: [...profileArns] },
    { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
  ]
  return allPages(async (NextToken) => {
    const answer = await context.aws(region).ec2.send(new DescribeInstancesCommand({ Filters, NextToken }))
    return { items: answer.Reservations?.flatMap(({ Instances }) => Instances ?? []), next: answer.NextToken }
  })
}

const gap = (what: string, { incomplete }: { readonly incomplete?: string | undefined }): readonly string[] =>
  incomplete === undefined ? [] : [`the list of ${what} on the role is incomplete: ${incomplete}`]

/** What brings a service back after its role's sessions were revoked. */
const REMEDIES = new Map([
  ['lambda.amazonaws.com', 'update the function’s configuration (any change) to give it new credentials'],
  ['ecs-tasks.amazonaws.com', 'force a new deployment of the ECS services that use it'],
  ['pods.eks.amazonaws.com', 'restart the pods that use it'],
  ['codebuild.amazonaws.com', 'start the builds again'],
])

/** The principals of one kind; `"*"` alone means everybody, as `{ "AWS": "*" }` does. */
const principalsIn = (statements: readonly Statement[], kind: 'Service' | 'AWS' | 'Federated'): readonly string[] =>
  statements.flatMap(({ Principal }) => {
    if (typeof Principal === 'string') return kind === 'AWS' ? [Principal] : []
    return valuesOf(Principal?.[kind])
  })

const trusted = async ({ role, region }: Subject, context: Context): Promise<readonly Consumer[]> => {
  const answer = await context.aws(region).iam.send(new GetRoleCommand({ RoleName: role.name }))
  const statements = statementsOf(decodePolicy(answer.Role?.AssumeRolePolicyDocument))
  const allowed = statements.filter(({ Effect }) => Effect === 'Allow')
  const services = principalsIn(allowed, 'Service').filter((name) => name !== 'ec2.amazonaws.com')
  const people = principalsIn(allowed, 'AWS')
  const federated = principalsIn(allowed, 'Federated')
  return [
    ...services.map(
      (name): Consumer => ({
        kind: 'service',
        name,
        remedy: REMEDIES.get(name) ?? 'restart what it runs, so that it fetches new credentials',
      }),
    ),
    ...people.map(
      (name): Consumer => ({ kind: 'session', name, remedy: 'sign in (assume the role) again; delete ~/.aws/cli/cache' }),
    ),
    ...federated.map((name): Consumer => ({ kind: 'session', name, remedy: 'sign in again through the identity provider' })),
  ]
}
