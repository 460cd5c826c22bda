import { type ApiCall, apiCalls, enrichmentCalls, investigationCalls } from './calls.ts'

/** The sets of rights: reading everything, the containment, the verification over SSM, and all of a response. */
export type PolicySet = 'observe' | 'contain' | 'verify' | 'respond'

export interface PolicyPlace {
  readonly partition: string
  readonly region: string
  readonly accountId: string
}

interface PolicyStatement {
  readonly Sid: string
  readonly Effect: 'Allow'
  readonly Action: readonly string[]
  readonly Resource: readonly string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** Everywhere: a policy that works unchanged in any account and Region. */
const ANYWHERE: PolicyPlace = { partition: '*', region: '*', accountId: '*' }

const SETS: Readonly<Record<PolicySet, (call: ApiCall) => boolean>> = {
  observe: ({ access, operation }) => access === 'read' && !operation.endsWith('?DryRun'),
  contain: ({ service, access, operation }) => access === 'read' || (service !== 'ssm' && operation !== 'SendCommand'),
  respond: () => true,
  verify: ({ access, service, operation }) => (access === 'read' && !operation.endsWith('?DryRun')) || service === 'ssm',
}

/** The least IAM policy for a set, made from the table of calls. Without a place it names no account and no Region. */
export const responderPolicy = (set: PolicySet, place: PolicyPlace = ANYWHERE) => ({
  Version: '2012-10-17',
  Statement: statements([...apiCalls, ...enrichmentCalls, ...countingCalls].filter(SETS[set]), place),
})

/** What a response sends with `--athena` or `--lake`. Athena reads and writes S3 as the responder: those rights depend on the buckets. */
const countingCalls = investigationCalls.filter(({ stages }) => stages.some((stage) => stage !== 'investigate'))

const statements = (calls: readonly ApiCall[], place: PolicyPlace): readonly PolicyStatement[] => {
  const byResource = new Map<string, Set<string>>()
  const add = (resource: string, action: string) => byResource.set(resource, (byResource.get(resource) ?? new Set()).add(action))
  for (const call of calls) {
    for (const action of call.actions) {
      if (action !== 'ec2:CreateTags' && action !== 'ssm:SendCommand' && action !== 'sts:GetCallerIdentity')
        add(call.resource, action)
    }
  }
  const actions = new Set(calls.flatMap((call) => call.actions))
  return [
    ...[...byResource].map(([resource, allowed], index) => ({
      Sid: `IrCred${index + 1}`,
      Effect: 'Allow' as const,
      Action: [...allowed].sort(),
      Resource: [fill(resource, place)],
    })),
    ...(actions.has('ec2:CreateTags') ? [tagging(place)] : []),
    ...(actions.has('ssm:SendCommand') ? [command(place)] : []),
  ]
}

/** Tags only at the moment in which a snapshot is made. */
const tagging = (place: PolicyPlace): PolicyStatement => ({
  Sid: 'IrCredTagSnapshots',
  Effect: 'Allow',
  Action: ['ec2:CreateTags'],
  Resource: [fill('arn:PARTITION:ec2:REGION::snapshot/*', place)],
  Condition: { StringEquals: { 'ec2:CreateAction': 'CreateSnapshots' } },
})

/** Run Command with the two documents that ir-cred uses and no other. AWS's own documents have no account in their ARN. */
const command = (place: PolicyPlace): PolicyStatement => ({
  Sid: 'IrCredRunTheScript',
  Effect: 'Allow',
  Action: ['ssm:SendCommand'],
  Resource: [
    fill('arn:PARTITION:ssm:REGION::document/AWS-RunShellScript', place),
    fill('arn:PARTITION:ssm:REGION::document/AWS-RunPowerShellScript', place),
    fill('arn:PARTITION:ec2:REGION:ACCOUNT:instance/*', place),
  ],
})

const fill = (resource: string, { partition, region, accountId }: PolicyPlace): string =>
  resource.replace('PARTITION', partition).replace('REGION', region).replace('ACCOUNT', accountId)
