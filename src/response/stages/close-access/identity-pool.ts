import { DescribeIdentityPoolCommand, type IdentityPool, UpdateIdentityPoolCommand } from '@aws-sdk/client-cognito-identity'
import { poolProviders, poolWithGuests, poolWithoutProviders } from '../../../aws/identity-pool.ts'
import { decodePolicy, type Statement, statementsOf, valuesOf } from '../../../aws/policy-document.ts'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import type { CallParameters, Effect } from '../../../incident/entry.ts'
import { sourceId } from '../../../incident/facts/access.ts'
import { recipientOf } from '../../../incident/facts/recipient.ts'
import { delimited } from '../../../incident/values/delimited.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'
import { trustTextOf } from './trust.ts'
import { type Closing, closedAt, type FoundWay, refusedNow } from './way.ts'

const OPERATION = 'cognito-identity:UpdateIdentityPool'

/** The pools whose identities a role trusts, as its trust policy says. */
interface TrustedPools {
  /** Their ids; undefined where a statement names none, and any pool of anybody's is trusted. */
  readonly ids: readonly string[] | undefined
  /** Whether only identities of guests are let in. */
  readonly guestsOnly: boolean
}

/**
 * The identity pools that the role trusts: a pool with guest access gives a new identity, and credentials with it, to whoever knows its
 * id, so that refusing one identity closes nothing ("Identity pools: unauthenticated identities").
 */
export const identityPoolWays = async (incident: Closing, context: Context): Promise<readonly FoundWay[]> => {
  const { subject } = incident.facts
  if (subject.kind !== 'role-session' || recipientOf(subject).kind !== 'cognito') return []
  const [source] = subject.issue?.sources ?? []
  if (!source) return []
  const { role, region } = subject
  const unread: Unread = []
  const asked = { what: `which identity pools role ${role.name} trusts`, operation: 'iam:GetRole', otherwise: undefined }
  const document = await readOr(unread, asked, () => trustTextOf(role.name, region, context))
  const of = { kind: 'identity-pool' as const, source: sourceId(source) }
  const any = { ...of, resource: role.arn, what: 'the Amazon Cognito identity pool' }
  if (document === undefined) return [{ way: { ...any, state: 'unknown', says: unread.join('; ') } }]
  const trusted = trustedPools(document)
  if (trusted.ids === undefined) return [{ way: { ...any, state: 'open', says: NO_POOL_NAMED } }]
  const found = await Promise.all(
    trusted.ids.map((id) => poolWay(incident, id, { ...of, guestsOnly: trusted.guestsOnly }, context)),
  )
  if (found.length > 0) return found
  const at = closedAt(incident, any, OPERATION, context.now())
  return [{ way: { ...any, ...at, state: 'closed', says: `is not trusted by role ${role.name}` } }]
}

const NO_POOL_NAMED = 'is not named by the role’s trust policy, so that a pool of any account takes sessions: name yours in it'

const isPoolKey = (key: string, end: string): boolean => new RegExp(`^cognito-identity\\.[\\w.-]+:${end}$`, 'i').test(key)

/** The values that a statement's condition demands of a key of Cognito's. */
const demanded = ({ Condition }: Statement, end: string): readonly string[] | undefined =>
  Object.entries(Condition ?? {})
    .filter(([operator]) => /String(?:Equals|Like)$/i.test(operator))
    .flatMap(([, keys]) => Object.entries(keys))
    .find(([key]) => isPoolKey(key, end))
    ?.slice(1)
    .flatMap((values) => valuesOf(values))

const trustedPools = (document: string): TrustedPools => {
  const letting = statementsOf(decodePolicy(document)).filter(
    ({ Effect, Principal }) =>
      Effect === 'Allow' &&
      typeof Principal === 'object' &&
      valuesOf(Principal.Federated).some((named) => /^cognito-identity\./.test(named)),
  )
  const ids = letting.map((statement) => demanded(statement, 'aud'))
  const guestsOnly = letting.every((statement) => demanded(statement, 'amr')?.every((value) => value === 'unauthenticated'))
  return { ids: ids.some((some) => some === undefined) ? undefined : [...new Set(ids.flatMap((some) => some ?? []))], guestsOnly }
}

const poolWay = async (
  incident: Closing,
  id: string,
  { guestsOnly, ...of }: Pick<FoundWay['way'], 'kind' | 'source'> & Pick<TrustedPools, 'guestsOnly'>,
  context: Context,
): Promise<FoundWay> => {
  const region = id.split(':')[0] ?? ''
  const unread: Unread = []
  const asked = {
    what: 'whether it gives identities to guests',
    operation: 'cognito-identity:DescribeIdentityPool',
    otherwise: undefined,
  }
  const look = () => context.aws(region).cognitoIdentity.send(new DescribeIdentityPoolCommand({ IdentityPoolId: id }))
  const pool = await readOr(unread, asked, look)
  const way = { ...of, resource: id, what: `Amazon Cognito identity pool ${delimited(id)}` }
  if (pool === undefined)
    return { way: { ...way, state: 'unknown', says: `may hand out another identity: ${unread.join('; ')}` } }
  if (pool.AllowUnauthenticatedIdentities === true) return guestPool(incident, pool, way, context)
  const providers = guestsOnly ? [] : poolProviders(pool)
  if (providers.length > 0) return { way: { ...way, ...signedIn(pool, providers, region, context) } }
  const at = closedAt(incident, way, OPERATION, context.now())
  return {
    way: {
      ...way,
      ...at,
      state: 'closed',
      says: guestsOnly
        ? 'gives no identity to guests, as it was read back'
        : 'gives no identity to guests and has no provider, as it was read back',
    },
  }
}

/** Whoever signs in gets another identity, which the role trusts too. To take the providers away locks everybody out, so that it is yours to do. */
const signedIn = (pool: IdentityPool, providers: readonly string[], region: string, context: Context) => {
  const named = providers.map((one) => delimited(one)).join(', ')
  return {
    state: 'open' as const,
    says: `gives no identity to guests, but another one that the role trusts to whoever signs in with ${named}: let these refuse the attacker’s account, or let the role trust guests and nobody else. The command takes them all away, and locks everybody out`,
    command: updateCommand(poolWithoutProviders(pool), region, context),
  }
}

const guestPool = (
  incident: Closing,
  pool: IdentityPool,
  way: Pick<FoundWay['way'], 'kind' | 'source' | 'resource' | 'what'>,
  context: Context,
): FoundWay => {
  const region = way.resource.split(':')[0] ?? ''
  const input = poolWithGuests(pool, false)
  const command = updateCommand(input, region, context)
  const says = 'gives a new identity to whoever knows its id, and with it credentials of the role'
  const refused = refusedNow(incident, OPERATION, way.resource)
  if (refused !== undefined)
    return { way: { ...way, state: 'open', says: `${says}; AWS refused ${OPERATION} (${refused})`, command } }
  const effect: Effect = {
    operation: OPERATION,
    resource: way.resource,
    parameters: input as unknown as CallParameters,
    sentence: `switch off the guest access of identity pool ${delimited(pool.IdentityPoolName ?? '')}`,
    cost: 'everybody who uses the application without signing in is cut off from AWS, in every role that the pool gives to guests',
    undo: 'switch the guest access on again, once the role gives guests no more than they need',
    undoCommand: updateCommand(poolWithGuests(pool, true), region, context),
  }
  return {
    way: { ...way, state: 'open', says, command },
    closing: {
      effects: [effect],
      close: async ({ write, aws, keep }) => {
        await keep(`identity-pool-before-${way.resource.replace(/[^\w-]/g, '-')}`, poolWithGuests(pool, true))
        await write(aws(region).cognitoIdentity, new UpdateIdentityPoolCommand(input), effect)
      },
    },
  }
}

const updateCommand = (input: object, region: string, { setting }: Context): string =>
  awsCommandFor(setting)(`cognito-identity update-identity-pool --cli-input-json ${shellWord(JSON.stringify(input))}`, region)
