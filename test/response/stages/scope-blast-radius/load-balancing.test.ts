import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  type TargetGroup,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { beforeEach, describe, expect, it } from 'vitest'
import 'aws-sdk-client-mock-vitest/extend'
import type { InstanceRadius, TargetGroupUse } from '../../../../src/incident/facts/facts.ts'
import { rawLine } from '../../../../src/incident/values/show.ts'
import {
  targetGroupBlocks,
  targetGroupsLine,
  targetGroupsOf,
} from '../../../../src/response/stages/scope-blast-radius/load-balancing.ts'
import { flatten } from '../../../../src/terminal/flatten.ts'
import { mockClient } from '../../../support/mock-client.ts'
import { awsError, contextsOf } from '../../../support/stage-context.ts'

const elb = mockClient(ElasticLoadBalancingV2Client)
const { contextLike } = contextsOf({ elasticloadbalancing: ElasticLoadBalancingV2Client })

const ID = 'i-08faaaafb15777f5a'
const instance = { id: ID, region: 'us-east-1', privateIp: '10.0.1.11', vpcId: 'vpc-1' } as InstanceRadius['instance']

const groupLike = (name: string, VpcId = 'vpc-1'): TargetGroup => ({
  TargetGroupArn: `arn:${name}`,
  TargetGroupName: name,
  VpcId,
})

const targets = (...of: readonly (readonly [id: string, state: 'healthy' | 'draining' | 'unhealthy'])[]) => ({
  TargetHealthDescriptions: of.map(([Id, State]) => ({ Target: { Id }, TargetHealth: { State } })),
})

const asked = async () => {
  const unread: string[] = []
  return { found: await targetGroupsOf(instance, contextLike(), unread), unread }
}

const said = (targetGroups: readonly TargetGroupUse[] | undefined): string =>
  flatten(targetGroupBlocks({ instance, targetGroups } as InstanceRadius), { line: rawLine, own: (text) => text }).join('\n')

beforeEach(() => {
  elb.reset()
  elb.on(DescribeTargetHealthCommand).resolves(targets())
})

describe('load balancers that send requests to the instance', () => {
  it('are found by its id, and by its private address, and who else answers is counted', async () => {
    elb.on(DescribeTargetGroupsCommand).resolves({ TargetGroups: [groupLike('web'), groupLike('ip'), groupLike('others')] })
    elb
      .on(DescribeTargetHealthCommand, { TargetGroupArn: 'arn:web' })
      .resolves(targets([ID, 'healthy'], ['i-2', 'healthy'], ['i-3', 'unhealthy']))
    elb.on(DescribeTargetHealthCommand, { TargetGroupArn: 'arn:ip' }).resolves(targets(['10.0.1.11', 'draining']))
    elb.on(DescribeTargetHealthCommand, { TargetGroupArn: 'arn:others' }).resolves(targets(['i-2', 'healthy']))
    const { found, unread } = await asked()
    expect(unread).toEqual([])
    expect(found).toEqual([
      { name: { untrusted: 'web' }, state: 'healthy', otherHealthyTargets: 1 },
      { name: { untrusted: 'ip' }, state: 'draining', otherHealthyTargets: 0 },
    ])
    expect(targetGroupsLine({ instance, targetGroups: found } as InstanceRadius)).toBe(
      'target of web (healthy), target of ip (draining)',
    )
    expect(said(found)).toContain('its requests go to the other healthy target')
    expect(said(found)).toContain('its requests fail while the instance is stopped')
  })

  it('are read over all pages, and only those of the instance’s network are asked for their targets', async () => {
    elb.on(DescribeTargetGroupsCommand).resolves({ TargetGroups: [groupLike('elsewhere', 'vpc-2')], NextMarker: 'm' })
    elb.on(DescribeTargetGroupsCommand, { Marker: 'm' }).resolves({ TargetGroups: [groupLike('web')] })
    await asked()
    expect(elb.commandCalls(DescribeTargetHealthCommand).map(({ args }) => args[0].input.TargetGroupArn)).toEqual(['arn:web'])
  })

  it('are asked up to 60 groups, and how many were not asked is said', async () => {
    elb.on(DescribeTargetGroupsCommand).resolves({ TargetGroups: Array.from({ length: 63 }, (_, n) => groupLike(`g${n}`)) })
    const { unread } = await asked()
    expect(elb.commandCalls(DescribeTargetHealthCommand)).toHaveLength(60)
    expect(unread).toEqual([`whether ${ID} is a target in 3 more target groups is not known: they were not asked`])
  })

  it.each([
    [
      'the list',
      DescribeTargetGroupsCommand,
      `whether load balancers send requests to ${ID} is not known: elasticloadbalancing:DescribeTargetGroups is denied`,
    ],
    [
      'the targets',
      DescribeTargetHealthCommand,
      `whether ${ID} is a target of every target group is not known: elasticloadbalancing:DescribeTargetHealth is denied`,
    ],
  ])('are "not known" where you may not read %s, and nothing ends', async (_, command, sentence) => {
    elb.on(DescribeTargetGroupsCommand).resolves({ TargetGroups: [groupLike('web'), groupLike('api')] })
    elb.on(command as typeof DescribeTargetGroupsCommand).rejects(awsError('AccessDenied', 403))
    expect((await asked()).unread).toEqual([sentence])
  })
})
