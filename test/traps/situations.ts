import type { Request } from '../../src/incident/entry.ts'
import { instantOf } from '../../src/incident/values/instant.ts'
import type { Stage } from '../../src/response/stage.ts'
import type { Instance } from '../../src/simulator/account/account.ts'
import { recordEvent } from '../../src/simulator/records/record.ts'
import type { TrailEvent } from '../../src/simulator/records/record-document.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import type { Fault, WireResponse } from '../../src/simulator/wire/message.ts'
import { answered, answers, breaks } from '../faults/kinds.ts'
import { aboutSession, obtain, roleNamed, userWithKey } from '../support/obtained-session.ts'
import { mainOf, subjectInstanceOf } from '../support/scenario.ts'

/** The same account, whose compromised instance has something special about it. */
export const withVictim = async (
  account: BuiltScenario | Promise<BuiltScenario>,
  special: Partial<Instance>,
): Promise<BuiltScenario> => {
  const built = await account
  built.account.instances.set(subjectInstanceOf(built).id, Object.assign(subjectInstanceOf(built), special))
  return built
}

export type Members = Record<string, unknown>

export const copyOf = (value: unknown): Members => JSON.parse(JSON.stringify(value))

/** The scenario's finding as a file, with other details of the key. */
export const findingFile = (built: BuiltScenario, details: Members, more: Members = {}): Request => {
  const finding = { ...copyOf(mainOf(built)), ...more }
  const resource = finding.Resource as Members
  Object.assign(resource.AccessKeyDetails as Members, details)
  return { by: 'file', name: 'finding.json', text: JSON.stringify(finding) }
}

/** The finding's call came from another address. */
export const calledFrom = (built: BuiltScenario, IpAddressV4: string): Request => {
  const service = copyOf(mainOf(built).Service)
  const call = (service.Action as Members).AwsApiCallAction as Members
  Object.assign(call.RemoteIpDetails as Members, { IpAddressV4 })
  return findingFile(built, {}, { Service: service })
}

/** Somebody called from outside, 20 minutes ago. */
export const called = ({ account }: BuiltScenario, event: Pick<TrailEvent, 'eventSource' | 'eventName'> & Partial<TrailEvent>) =>
  recordEvent(account, {
    readOnly: true,
    sourceIp: '198.51.100.23',
    userAgent: 'x',
    at: account.clock.now() - 1_200_000,
    ...event,
  })

/** The role of the stolen session. */
export const webAppOf = ({ account }: BuiltScenario) => {
  const role = account.roles.get('web-app')
  if (!role) throw new Error('there is no role web-app')
  return role
}

/** A policy that allows actions. */
export const allow = (Action: string | readonly string[], Resource = '*'): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource }] })

/** A user obtained a session under a name of his choice, and the finding is about it. */
export const spoofed = async (account: BuiltScenario | Promise<BuiltScenario>, sessionName: string, roleName = 'web-app') => {
  const built = await account
  if (roleName !== 'web-app') roleNamed(built, roleName)
  const key = userWithKey(built, 'mallory')
  const session = obtain(built, key, { sessionName, roleName })
  aboutSession(built, session)
  return { built, key, session }
}

export const withoutCloudTrail = (): Fault => breaks('denied', { operation: 'cloudtrail:LookupEvents', times: Infinity })

/** CloudTrail delivers no record of what EC2 issued to the instance. */
export const noIssues: Fault = answers('cloudtrail:LookupEvents', async ({ input }, next) => {
  const response = await next()
  return JSON.stringify(input).includes('"ResourceName"') ? { ...response, body: '{"Events":[]}' } : response
})

/** The instance answers something else than it did. */
export const hostile = (stdout: (honest: string) => string, more: object = {}): Fault =>
  answers('ssm:GetCommandInvocation', async (_, next): Promise<WireResponse> => {
    const response = await next()
    const body = JSON.parse(response.body)
    if (response.status !== 200 || body.Status !== 'Success') return response
    return { ...response, body: JSON.stringify({ ...body, StandardOutputContent: stdout(body.StandardOutputContent), ...more }) }
  })

/** Default Host Management is on, under which the agent calls with credentials that are not the role's. */
export const hostManaged = async (account: BuiltScenario | Promise<BuiltScenario>): Promise<BuiltScenario> => {
  const built = await account
  built.account.defaultHostManagementRole.value = 'service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole'
  return built
}

/** The instance has no SSM agent that ever registered. */
export const unmanaged = (account: BuiltScenario | Promise<BuiltScenario>): Promise<BuiltScenario> =>
  withVictim(account, { agent: { installed: false, platform: 'Linux' } })

export const deniedByScp: Fault = answers('ssm:SendCommand', async () =>
  answered('ssm', 'AccessDeniedException', 400, 'with an explicit deny in a service control policy'),
)

/** What Systems Manager shows of commands that could not be run on the instance: so many of them, the first ones. */
export const failingCommands = (count: number): Fault => {
  const failed = new Set<unknown>()
  return answers('ssm:GetCommandInvocation', async ({ input }, next): Promise<WireResponse> => {
    const response = await next()
    if (response.status !== 200 || JSON.parse(response.body).Status !== 'Success') return response
    if (failed.size < count) failed.add(input.CommandId)
    if (!failed.has(input.CommandId)) return response
    const body = {
      ...{
        CommandId: input.CommandId,
        InstanceId: input.InstanceId,
        Status: 'Failed',
        StatusDetails: 'Failed',
        ResponseCode: 126,
      },
      StandardOutputContent: '',
      StandardErrorContent: 'sh: /var/lib/amazon/ssm/_script.sh: Permission denied\nfailed to run commands: exit status 126',
    }
    return { ...response, body: JSON.stringify(body) }
  })
}

/** A colleague’s restart stage that reboots, or does nothing, and says that it is done. */
export const claimingRestart = (stages: readonly Stage[], built: BuiltScenario, deed: () => void): readonly Stage[] =>
  stages.map((stage) => {
    if (stage.id !== 'restart-instance') return stage
    const { act: _, ...rest } = stage
    return {
      ...rest,
      assess: async (_incident, context) => {
        deed()
        const launchTime = instantOf(new Date(subjectInstanceOf(built).launchTime))
        const fact = { instanceId: subjectInstanceOf(built).id, previousLaunchTime: launchTime, launchTime }
        await context.settle({ what: 'it', kind: 'pause', within: 120 }, async () => undefined)
        return { status: 'established', fact } as never
      },
    }
  })
