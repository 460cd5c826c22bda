import type {
  DescribeTargetGroupsInput,
  DescribeTargetGroupsOutput,
  DescribeTargetHealthInput,
  DescribeTargetHealthOutput,
  TargetHealth,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { given } from '../../incident/values/given.ts'
import type { Account } from '../account/account.ts'
import type { TargetGroup } from '../account/holdings.ts'
import { regional } from '../account/regional.ts'
import { ServiceError } from '../call.ts'
import { pageOf } from '../page.ts'
import { operation, type Service } from '../service.ts'

const arnOfGroup = ({ partition, region, id }: Account, group: TargetGroup): string =>
  `arn:${partition}:elasticloadbalancing:${region}:${id}:targetgroup/${group.name}/${group.id}`

const notFound = (): ServiceError => new ServiceError('TargetGroupNotFound', 'One or more target groups not found')

const invalidMarker = (): ServiceError => new ServiceError('ValidationError', 'The marker is not valid')

const describeTargetGroups = operation<DescribeTargetGroupsInput, DescribeTargetGroupsOutput>({
  run: (account, { TargetGroupArns, Names, PageSize = 400, Marker }) => {
    const groups = [...account.targetGroups.values()]
    const isMeant = (group: TargetGroup): boolean =>
      (TargetGroupArns?.includes(arnOfGroup(account, group)) ?? true) && (Names?.includes(group.name) ?? true)
    const meant = groups.filter(isMeant)
    const asked = TargetGroupArns?.length ?? Names?.length ?? 0
    if (meant.length < asked) throw notFound()
    const size = Math.min(PageSize, account.behaviour.pageSize)
    const keyOf = ({ name }: TargetGroup): string => name
    const page = pageOf({
      ...{ items: meant, size, keyOf, token: Marker },
      ...{ boundTo: { TargetGroupArns, Names }, refuse: invalidMarker },
    })
    return {
      TargetGroups: page.items.map((group) => ({
        ...{ TargetGroupArn: arnOfGroup(account, group), TargetGroupName: group.name, TargetType: 'instance' as const },
        ...{ Protocol: 'HTTP' as const, Port: group.port, VpcId: group.vpcId, HealthCheckPath: '/health' },
      })),
      ...given({ NextMarker: page.nextToken }),
    }
  },
  writes: false,
})

/** "Health checks for Application Load Balancer target groups": a target that does not run is not used. */
const healthOf = (account: Account, id: string): TargetHealth => {
  const state = account.instances.get(id)?.state
  if (state === 'running') return { State: 'healthy' }
  if (state === 'pending') return { State: 'initial', Reason: 'Elb.RegistrationInProgress' }
  return { State: 'unused', Reason: 'Target.InvalidState', Description: 'Target is in the stopped state' }
}

const describeTargetHealth = operation<DescribeTargetHealthInput, DescribeTargetHealthOutput>({
  run: (account, { TargetGroupArn, Targets }) => {
    const group = [...account.targetGroups.values()].find((one) => arnOfGroup(account, one) === TargetGroupArn)
    if (!group) throw notFound()
    const registered = group.instanceIds.map((Id) => ({
      Target: { Id, Port: group.port },
      TargetHealth: healthOf(account, Id),
    }))
    if (!Targets) return { TargetHealthDescriptions: registered }
    return {
      TargetHealthDescriptions: Targets.map(
        (Target) =>
          registered.find(({ Target: { Id } }) => Id === Target.Id) ?? {
            Target,
            TargetHealth: {
              State: 'unused',
              Reason: 'Target.NotRegistered',
              Description: 'Target is not registered to the target group',
            },
          },
      ),
    }
  },
  writes: false,
})

/** Elastic Load Balancing, as far as a responder asks it which load balancers send requests to an instance. */
export const elasticLoadBalancing: Service = regional({
  DescribeTargetGroups: describeTargetGroups,
  DescribeTargetHealth: describeTargetHealth,
})
