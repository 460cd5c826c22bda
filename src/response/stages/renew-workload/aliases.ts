import { type AliasConfiguration, type FunctionConfiguration, ListAliasesCommand } from '@aws-sdk/client-lambda'
import { wholeList } from '../../../aws/pager.ts'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import type { RenewalByHand, RenewedWorkload } from '../../../incident/facts/renewal-fact.ts'
import type { Span } from '../../../incident/values/block.ts'
import { given } from '../../../incident/values/given.ts'
import { untrusted, untrustedOrNone } from '../../../incident/values/untrusted.ts'
import { readOr } from '../optional-read.ts'
import {
  type AliasLook,
  changeOf,
  differingSettings,
  isFrom,
  type NamedFunction,
  publishedVersions,
  type VersionsSeen,
} from './function-version.ts'
import { type AliasToMove, aliasMoves, refusedMove } from './move-alias.ts'
import { type Provisioned, provisionedByHand, provisionedOf, provisionedState, qualifierOf } from './provisioned.ts'
import type { DueByName } from './workload.ts'

/** What runs of a function besides `$LATEST`. */
interface AliasesSeen {
  readonly workloads: readonly RenewedWorkload[]
  readonly byHand: readonly RenewalByHand[]
  readonly due: readonly DueByName[]
}

const LATEST = '$LATEST'

/**
 * The aliases of a function that point to published versions. A version cannot be changed ("Lambda function versions"): an alias gets new
 * environments by pointing to a new one. Where that would run as the old one does, ir-cred publishes it on approval by name; elsewhere it
 * is yours to deploy.
 */
export const seeAliases = async (one: NamedFunction, look: AliasLook): Promise<AliasesSeen> => {
  const { region, context, unread, incident } = look
  const { FunctionName } = one
  const { subject, revocation } = incident.facts
  const ask = <T>(what: string, operation: string, read: () => Promise<readonly T[]>) =>
    readOr(unread, { what: `which ${what} function ${FunctionName} has`, operation: `lambda:${operation}`, otherwise: [] }, read)
  const all = await ask('versions', 'ListVersionsByFunction', () => publishedVersions(one, region, context))
  const versions = all.filter(({ Role }) => Role === subject.role.arn)
  if (versions.length === 0) return { workloads: [], byHand: [], due: [] }
  const aliases = await ask('aliases', 'ListAliases', () =>
    wholeList(`aliases of ${FunctionName}`, async (Marker) => {
      const answer = await context.aws(region).lambda.send(new ListAliasesCommand({ FunctionName, Marker }))
      return { items: answer.Aliases, next: answer.NextMarker }
    }),
  )
  const fresh = versions.filter((version) => isFrom(revocation.cutoff, version))
  const seen: VersionsSeen = { fresh, old: versions.filter((version) => !fresh.includes(version)) }
  const configs = await provisionedOf(one, aliases, seen, look)
  const found = aliases.map((alias) => seeAlias(one, alias, { ...look, ...seen, configs }))
  const moves = found.flatMap(({ move }) => move ?? [])
  return {
    workloads: found.flatMap(({ workload }) => workload ?? []),
    byHand: [...found.flatMap(({ byHand }) => byHand ?? []), ...provisionedByHand(one, configs, seen, look)],
    due: moves.length > 0 ? [aliasMoves(one, moves, look)] : [],
  }
}

interface Behind extends AliasLook, VersionsSeen {
  readonly configs: readonly Provisioned[]
}

/** An alias as it is: renewed, or by hand, with the change that would renew it where ir-cred can make it. */
interface AliasSeen {
  readonly workload?: RenewedWorkload
  readonly byHand?: RenewalByHand
  readonly move?: AliasToMove
}

/** A name of an alias that can stand in a command. */
const ALIAS_NAME = /^[\w-]{1,128}$/

const seeAlias = (one: NamedFunction, alias: AliasConfiguration, behind: Behind): AliasSeen => {
  const { FunctionVersion = LATEST, RoutingConfig, Name = '' } = alias
  const { old, fresh, configs, incident } = behind
  const used = [FunctionVersion, ...Object.keys(RoutingConfig?.AdditionalVersionWeights ?? {})]
  const among = (versions: readonly FunctionConfiguration[]) => versions.filter(({ Version = '' }) => used.includes(Version))
  const [version] = among(old)
  const [renewed] = among(fresh)
  const config = configs.find((each) => qualifierOf(each) === Name)
  if (!version) return renewed ? { workload: renewedAlias(one, Name, renewed, config, behind) } : {}
  const byHand = (says: string, command?: string): RenewalByHand => ({
    sentence: [...oldAlias(one, Name, version, config), says],
    ...given({ command }),
    state: 'to-do',
  })
  if (used.length > 1)
    return { byHand: byHand(' It shares its calls out between two versions: end that deployment first, with new versions.') }
  const target = fresh.findLast((each) => differingSettings(each, version).length === 0)?.Version
  const differing = target === undefined ? differingSettings(one, version) : []
  // To publish $LATEST puts its code behind the alias: only where that runs as what is there already.
  if (differing.length > 0 || !ALIAS_NAME.test(Name))
    return { byHand: byHand(` $LATEST has another ${differing.join(', another ')}: deploy that version again.`) }
  const move: AliasToMove = { alias, name: Name, version, ...given({ target }) }
  const refused = refusedMove(one, Name, incident)
  const how = target === undefined ? '$LATEST runs as it does: publish it and' : `Version ${target} runs as it does:`
  const isDue = refused === undefined && (behind.isRenewed || behind.context.dryRun)
  return {
    byHand: byHand(` ${how} point the alias to it${refused ?? ''}:`, commandOf(one, move, behind)),
    ...given({ move: isDue ? move : undefined }),
  }
}

const oldAlias = (
  { FunctionName }: NamedFunction,
  alias: string,
  version: FunctionConfiguration,
  config: Provisioned | undefined,
): readonly Span[] => {
  const snapStart = version.SnapStart?.ApplyOn === 'PublishedVersions' ? ', started from a SnapStart snapshot' : ''
  const kept = config ? ` (${config.RequestedProvisionedConcurrentExecutions ?? 'some'} of them kept ready)` : ''
  return [
    'alias ',
    untrusted(alias),
    ` of function ${FunctionName} points to version ${version.Version ?? 'unknown'}${snapStart}, whose environments${kept} keep credentials that are denied until Lambda replaces them.`,
  ]
}

const commandOf = ({ FunctionName }: NamedFunction, { name, target }: AliasToMove, { region, context }: AliasLook): string => {
  const aws = awsCommandFor(context.setting)
  const publish = aws(`lambda publish-version --function-name ${FunctionName} --query Version --output text`, region)
  const version = target ?? `"$(${publish})"`
  return aws(`lambda update-alias --function-name ${FunctionName} --name ${name} --function-version ${version}`, region)
}

const renewedAlias = (
  { FunctionName }: NamedFunction,
  name: string,
  version: FunctionConfiguration,
  config: Provisioned | undefined,
  { incident: { facts }, region }: AliasLook,
): RenewedWorkload => ({
  ...{ kind: 'alias', name: `${FunctionName}:${name.replace(/[^\w-]/g, '?')}`, region },
  state: provisionedState(config),
  changedAt: changeOf(version) ?? facts.revocation.cutoff,
  sessions: [FunctionName],
  ...given({
    reason: untrustedOrNone(config?.StatusReason),
    own: FunctionName === facts.subject.sessionName ? (true as const) : undefined,
  }),
})
