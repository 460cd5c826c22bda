import {
  type FunctionConfiguration,
  GetFunctionCommand,
  ListFunctionsCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { wholeList } from '../../../aws/pager.ts'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import type { Effect } from '../../../incident/entry.ts'
import { sparesOthers } from '../../../incident/facts/facts.ts'
import type { RenewalByHand, RenewedWorkload, ReservedConcurrency } from '../../../incident/facts/renewal-fact.ts'
import type { Role, RoleSession } from '../../../incident/facts/subject.ts'
import { given } from '../../../incident/values/given.ts'
import type { Instant } from '../../../incident/values/instant.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import { rawText, untrusted, untrustedOrNone } from '../../../incident/values/untrusted.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'
import { seeAliases } from './aliases.ts'
import { concurrencyOf, concurrencyRemark } from './concurrency.ts'
import { type AliasLook, changeOf, isFrom, type NamedFunction } from './function-version.ts'
import { type DueByName, type DueRenewal, type SeeWorkloads, type WorkloadIncident, workloadRegions } from './workload.ts'

/** A function's name without an ARN around it ("CreateFunction"): it can stand in a command. */
const isNamed = (one: FunctionConfiguration): one is NamedFunction =>
  /^[\w-]{1,64}$/.test(one.FunctionName ?? '') && one.FunctionArn !== undefined

/**
 * The functions of a Region whose execution role this is, as `$LATEST` is configured. Throws what the SDK throws, and Failure where the
 * list is not whole.
 */
export const functionsOfRole = async (
  role: Pick<Role, 'arn'>,
  region: string,
  context: Context,
): Promise<readonly NamedFunction[]> => {
  const { lambda } = context.aws(region)
  const all = await wholeList('functions', async (Marker) => {
    const { Functions, NextMarker } = await lambda.send(new ListFunctionsCommand({ Marker }))
    return { items: Functions, next: NextMarker }
  })
  return all.filter(isNamed).filter((one) => one.Role === role.arn)
}

/** Seconds that a change of a function's configuration is waited for; one in a network of the owner's takes the longest. */
const UPDATE_TAKES = 300

/** The functions that run under the role, and what renews them ("UpdateFunctionConfiguration"; "Lambda execution environments"). */
export const seeFunctions: SeeWorkloads = async (incident, context) => {
  const { subject, revocation } = incident.facts
  const isOne = sparesOthers(revocation)
  const [workloads, byHand, due]: [RenewedWorkload[], RenewalByHand[], DueRenewal[]] = [[], [], []]
  const [dueByName, unread]: [DueByName[], string[]] = [[], []]
  for (const region of workloadRegions(subject)) {
    const settled = await settledFunctions(incident, region, context)
    unread.push(...settled.unread)
    for (const one of settled.functions) {
      // Lambda names sessions after their function: another one's are not denied.
      if (isOne && one.FunctionName !== subject.sessionName) continue
      const changedAt = changeOf(one)
      const isRenewed = isFrom(revocation.cutoff, one)
      if (changedAt && isRenewed) workloads.push(renewedFunction(one, changedAt, region, subject))
      else due.push(dueFunction(one, region, incident, context))
      const aliases = await seeAliases(one, { region, incident, context, unread, isRenewed })
      workloads.push(...aliases.workloads)
      byHand.push(...aliases.byHand)
      dueByName.push(...aliases.due)
    }
  }
  if (isAtTheEdge(subject)) byHand.push(atTheEdge(subject))
  const remarks = [
    `ir-cred looked in ${workloadRegions(subject).join(' and ')} only, and at functions whose $LATEST runs under the role`,
    ...(isOne ? ['the deny reaches one session: other functions of the role were not cut off, and are not renewed'] : []),
    ...(workloads.some(({ kind }) => kind === 'alias') ? [NOT_BY_VERSION] : []),
    ...workloads.flatMap((one) => concurrencyRemark(one, context)),
    ...(workloads.length + due.length === 0 ? [`Lambda shows no function with role ${subject.role.name} there`] : []),
  ]
  return { renewal: { of: 'functions', workloads, byHand, remarks, unread }, due, dueByName }
}

const NOT_BY_VERSION =
  'CloudTrail’s record of an issue names the function, not the version whose environment took the credentials'

/** A function, with what only GetFunction says of it. */
interface SeenFunction extends NamedFunction {
  readonly concurrency?: ReservedConcurrency
}

interface SettledFunctions {
  readonly functions: readonly SeenFunction[]
  readonly unread: Unread
}

/** The functions once none of them is in a change from after the cut-off. */
const settledFunctions = async (incident: WorkloadIncident, region: string, context: Context): Promise<SettledFunctions> => {
  const { subject, revocation } = incident.facts
  const look = async (): Promise<SettledFunctions> => {
    const unread: Unread = []
    const functions: SeenFunction[] = []
    for (const one of await functionsOfRole(subject.role, region, context)) {
      functions.push(isFrom(revocation.cutoff, one) ? await withStatus(one, { incident, region, context, unread }) : one)
    }
    return { functions, unread }
  }
  let seen = await look()
  const isUnderWay = () => seen.functions.some(({ LastUpdateStatus }) => LastUpdateStatus === 'InProgress')
  if (context.dryRun || !isUnderWay()) return seen
  const patience = {
    what: 'the functions to take their new configuration',
    kind: 'change-visible',
    within: UPDATE_TAKES,
  } as const
  await context.settle(patience, async () => {
    seen = await look()
    return isUnderWay() ? undefined : true
  })
  return seen
}

/** No list says whether a change is over ("ListFunctions returns a subset of the FunctionConfiguration fields"). */
const withStatus = async (
  one: NamedFunction,
  { incident, region, context, unread }: Omit<AliasLook, 'isRenewed'>,
): Promise<SeenFunction> => {
  const { FunctionName } = one
  const asked = {
    what: `whether the change of function ${FunctionName} is over`,
    operation: 'lambda:GetFunction',
    otherwise: undefined,
  }
  const answer = await readOr(unread, asked, () => context.aws(region).lambda.send(new GetFunctionCommand({ FunctionName })))
  const { LastUpdateStatus, LastUpdateStatusReason } = answer?.Configuration ?? {}
  const concurrency = answer && concurrencyOf(one, answer, incident)
  return { ...one, ...given({ LastUpdateStatus, LastUpdateStatusReason, concurrency }) }
}

const renewedFunction = (
  { FunctionName, LastUpdateStatus = 'Successful', LastUpdateStatusReason, concurrency }: SeenFunction,
  changedAt: Instant,
  region: string,
  subject: RoleSession,
): RenewedWorkload => ({
  kind: 'function',
  name: FunctionName,
  region,
  state: LastUpdateStatus === 'Successful' ? 'renewed' : LastUpdateStatus === 'Failed' ? 'failed' : 'under-way',
  changedAt,
  sessions: [FunctionName],
  ...given({
    concurrency,
    reason: untrustedOrNone(LastUpdateStatusReason),
    own: FunctionName === subject.sessionName ? (true as const) : undefined,
  }),
})

const dueFunction = (one: NamedFunction, region: string, incident: WorkloadIncident, context: Context): DueRenewal => {
  const input = { FunctionName: one.FunctionName, Description: markedDescription(one, incident) }
  return {
    effect: functionEffect(one, input, region, context),
    client: context.aws(region).lambda,
    command: () => new UpdateFunctionConfigurationCommand(input),
  }
}

/** A description has room for 256 characters ("UpdateFunctionConfiguration"). */
const DESCRIPTION_LIMIT = 256

/** What ir-cred put behind a description before. */
const MARK = / ?\(ir-cred [\w-]+: credentials from after [\w:.-]+\)$/

/**
 * The description with a mark behind it: the one part of a configuration that changes nothing of how the function runs. It names the
 * incident and the cut-off, so that a later cut-off changes it again.
 */
const markedDescription = ({ Description = '' }: NamedFunction, { id, facts: { revocation } }: WorkloadIncident): string => {
  const mark = `(ir-cred ${id}: credentials from after ${revocation.cutoff})`
  const prior = Description.replace(MARK, '').slice(0, DESCRIPTION_LIMIT - mark.length - 1)
  return prior === '' ? mark : `${prior} ${mark}`
}

const functionEffect = (
  { FunctionName, FunctionArn, Description = '' }: NamedFunction,
  parameters: Readonly<Record<string, string>>,
  region: string,
  { setting }: Context,
): Effect => ({
  operation: 'lambda:UpdateFunctionConfiguration',
  resource: FunctionArn,
  sentence: `put a mark behind the description of function ${FunctionName}, so that its next invocations run in new environments with new credentials`,
  parameters,
  cost: 'the next invocations start cold; those that run now go on with credentials that are denied',
  undo: 'put the old description back, which makes new environments once more',
  undoCommand: awsCommandFor(setting)(
    `lambda update-function-configuration --function-name ${FunctionName} --description ${shellWord(Description)}`,
    region,
  ),
})

/** The issue record of a replica names Lambda@Edge's own principal. */
const isAtTheEdge = ({ issue }: RoleSession): boolean =>
  (issue?.sources ?? []).some(({ who }) => rawText(who) === 'edgelambda.amazonaws.com')

const atTheEdge = ({ sessionName }: RoleSession): RenewalByHand => ({
  sentence: [
    'The credentials were those of a Lambda@Edge replica of ',
    untrusted(sessionName),
    ': publish a new version of the function in us-east-1 and let the CloudFront distribution use it; old replicas are replaced within hours.',
  ],
  state: 'to-do',
})
