import {
  type FunctionConfiguration,
  ListAliasesCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda'
import { wholeList } from '../../../aws/pager.ts'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import type { Effect } from '../../../incident/entry.ts'
import { sparesOthers } from '../../../incident/facts/facts.ts'
import type { RenewalByHand, RenewedWorkload } from '../../../incident/facts/renewal-fact.ts'
import type { Role, RoleSession } from '../../../incident/facts/subject.ts'
import { given } from '../../../incident/values/given.ts'
import { type Instant, instantOf, isBefore } from '../../../incident/values/instant.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import { rawText, untrusted, untrustedOrNone } from '../../../incident/values/untrusted.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'
import { type DueRenewal, type SeeWorkloads, type WorkloadIncident, workloadRegions } from './workload.ts'

/** A function with a name of the form that Lambda gives. */
export type NamedFunction = FunctionConfiguration & { readonly FunctionName: string; readonly FunctionArn: string }

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
  const unread: Unread = []
  const isOne = sparesOthers(revocation)
  const [workloads, byHand, due]: [RenewedWorkload[], RenewalByHand[], DueRenewal[]] = [[], [], []]
  for (const region of workloadRegions(subject)) {
    for (const one of await settledFunctions(subject, revocation.cutoff, region, context)) {
      // Lambda names sessions after their function: another one's are not denied.
      if (isOne && one.FunctionName !== subject.sessionName) continue
      const changedAt = changeOf(one)
      if (changedAt && !isBefore(changedAt, revocation.cutoff)) workloads.push(renewedFunction(one, changedAt, region, subject))
      else due.push(dueFunction(one, region, incident, context))
      byHand.push(...(await aliasesByHand(one, { region, cutoff: revocation.cutoff, context, unread })))
    }
  }
  if (isAtTheEdge(subject)) byHand.push(atTheEdge(subject))
  const remarks = [
    `ir-cred looked in ${workloadRegions(subject).join(' and ')} only, and at the role of $LATEST only`,
    ...(isOne ? ['the deny reaches one session: other functions of the role were not cut off, and are not renewed'] : []),
    ...(workloads.length + due.length === 0 ? [`Lambda shows no function with role ${subject.role.name} there`] : []),
  ]
  return { renewal: { of: 'functions', workloads, byHand, remarks, unread }, due }
}

/** The functions once none of them is in a change from after the cut-off. */
const settledFunctions = async ({ role }: RoleSession, cutoff: Instant, region: string, context: Context) => {
  let seen = await functionsOfRole(role, region, context)
  const isUnderWay = (one: NamedFunction): boolean => {
    const changedAt = changeOf(one)
    return one.LastUpdateStatus === 'InProgress' && changedAt !== undefined && !isBefore(changedAt, cutoff)
  }
  if (context.dryRun || !seen.some(isUnderWay)) return seen
  const patience = {
    what: 'the functions to take their new configuration',
    kind: 'change-visible',
    within: UPDATE_TAKES,
  } as const
  await context.settle(patience, async () => {
    seen = await functionsOfRole(role, region, context)
    return seen.some(isUnderWay) ? undefined : true
  })
  return seen
}

/** Lambda writes times with an offset: `2026-09-01T07:42:27.000+0000`. */
const changeOf = ({ LastModified = '' }: FunctionConfiguration): Instant | undefined => {
  const date = new Date(LastModified)
  return Number.isNaN(date.getTime()) ? undefined : instantOf(date)
}

const renewedFunction = (
  { FunctionName, LastUpdateStatus = 'Successful', LastUpdateStatusReason }: NamedFunction,
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

interface AliasLook {
  readonly region: string
  readonly cutoff: Instant
  readonly context: Context
  readonly unread: Unread
}

/** A published version cannot be changed: an alias gets new environments by pointing to a new version. */
const aliasesByHand = async (
  one: NamedFunction,
  { region, cutoff, context, unread }: AliasLook,
): Promise<readonly RenewalByHand[]> => {
  const { FunctionName } = one
  const { lambda } = context.aws(region)
  const ask = <T>(what: string, operation: string, read: () => Promise<readonly T[]>) =>
    readOr(unread, { what: `which ${what} function ${FunctionName} has`, operation: `lambda:${operation}`, otherwise: [] }, read)
  const aliases = await ask('aliases', 'ListAliases', () =>
    wholeList(`aliases of ${FunctionName}`, async (Marker) => {
      const answer = await lambda.send(new ListAliasesCommand({ FunctionName, Marker }))
      return { items: answer.Aliases, next: answer.NextMarker }
    }),
  )
  if (aliases.every(({ FunctionVersion }) => FunctionVersion === LATEST)) return []
  const versions = await ask('versions', 'ListVersionsByFunction', () =>
    wholeList(`versions of ${FunctionName}`, async (Marker) => {
      const answer = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName, Marker }))
      return { items: answer.Versions, next: answer.NextMarker }
    }),
  )
  const aws = awsCommandFor(context.setting)
  return aliases.flatMap(({ Name = '', FunctionVersion = LATEST, RoutingConfig }) => {
    const used = [FunctionVersion, ...Object.keys(RoutingConfig?.AdditionalVersionWeights ?? {})]
    const old = versions.filter(({ Version = '', ...version }) => {
      const publishedAt = changeOf(version)
      return Version !== LATEST && used.includes(Version) && !(publishedAt && !isBefore(publishedAt, cutoff))
    })
    return old.map((version) => ofAlias(one, { alias: Name, version }, (words) => aws(words, region)))
  })
}

const LATEST = '$LATEST'

const ofAlias = (
  { FunctionName, CodeSha256 }: NamedFunction,
  { alias, version }: { readonly alias: string; readonly version: FunctionConfiguration },
  aws: (words: string) => string,
): RenewalByHand => {
  const snapStart = version.SnapStart?.ApplyOn === 'PublishedVersions' ? ', started from a SnapStart snapshot' : ''
  const sentence = [
    'alias ',
    untrusted(alias),
    ` of function ${FunctionName} points to version ${version.Version ?? 'unknown'}${snapStart}, whose environments keep credentials that are denied until Lambda replaces them; with provisioned concurrency too.`,
  ]
  // To publish $LATEST puts its code behind the alias: only where that is the code that is there already.
  if (CodeSha256 !== version.CodeSha256 || !/^[\w-]{1,128}$/.test(alias))
    return { sentence: [...sentence, ' $LATEST has other code: deploy that version again.'], state: 'to-do' }
  const publish = aws(`lambda publish-version --function-name ${FunctionName} --query Version --output text`)
  const update = aws(`lambda update-alias --function-name ${FunctionName} --name ${alias} --function-version "$(${publish})"`)
  return {
    sentence: [
      ...sentence,
      ' $LATEST has the same code. Compare its configuration, then publish it and let the alias point to it:',
    ],
    command: update,
    state: 'to-do',
  }
}

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
