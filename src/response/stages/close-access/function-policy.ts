import {
  GetPolicyCommand,
  ListAliasesCommand,
  ListVersionsByFunctionCommand,
  RemovePermissionCommand,
} from '@aws-sdk/client-lambda'
import { isNotFound } from '../../../aws/failure.ts'
import { type OpenStatement, permissionOf, statementsForAnybody } from '../../../aws/function-permission.ts'
import { wholeList } from '../../../aws/pager.ts'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import type { Effect } from '../../../incident/entry.ts'
import { delimited } from '../../../incident/values/delimited.ts'
import { given } from '../../../incident/values/given.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'
import { type StolenFunction, stolenFunction } from './function-url.ts'
import { type Closing, closedAt, closedBefore, type FoundWay, refusedNow } from './way.ts'

const OPERATION = 'lambda:RemovePermission'
const KIND = 'function-policy'

/** So many of the newest versions are looked at: each may have a policy of its own. */
const VERSIONS = 20

/** A resource policy of the function: its own, or that of an alias or a version. */
interface PolicyOf extends StolenFunction {
  readonly qualifier?: string
}

/**
 * The statements of the function's resource policies that let anybody invoke it: whoever made the function give its credentials away may do
 * so again, from any account ("Using resource-based policies for Lambda"). A statement about a URL is closed with that.
 */
export const functionPolicyWays = async (incident: Closing, context: Context): Promise<readonly FoundWay[]> => {
  const stolen = stolenFunction(incident.facts.subject)
  if (!stolen) return []
  const unread: Unread = []
  const qualifiers = [undefined, ...(await qualifiersOf(stolen, context, unread))]
  const found = await Promise.all(
    qualifiers.map((qualifier) => openStatements({ ...stolen, ...given({ qualifier }) }, context, unread)),
  )
  const open = found.flat().map((one) => openWay(incident, one, context))
  const gone = closedBefore(incident, KIND, OPERATION, whatOf).filter(
    ({ resource }) => STATEMENT.test(resource) && !open.some(({ way }) => way.resource === resource),
  )
  return [...open, ...(unread.length > 0 ? [notRead(stolen, unread)] : gone.map((way) => closedWay(incident, way, context)))]
}

interface Found extends OpenStatement {
  readonly of: PolicyOf
}

/** Aliases, and the newest versions. */
const qualifiersOf = async ({ name, region }: StolenFunction, context: Context, unread: Unread): Promise<readonly string[]> => {
  const { lambda } = context.aws(region)
  const ask = (operation: string, read: () => Promise<readonly string[]>) =>
    readOr(unread, { what: `who may invoke its aliases and versions`, operation: `lambda:${operation}`, otherwise: [] }, () =>
      orNothing(read),
    )
  const aliases = await ask('ListAliases', () =>
    wholeList(`aliases of ${name}`, async (Marker) => {
      const { Aliases, NextMarker } = await lambda.send(new ListAliasesCommand({ FunctionName: name, Marker }))
      return { items: Aliases?.flatMap((one) => one.Name ?? []), next: NextMarker }
    }),
  )
  const versions = await ask('ListVersionsByFunction', () =>
    wholeList(`versions of ${name}`, async (Marker) => {
      const { Versions, NextMarker } = await lambda.send(new ListVersionsByFunctionCommand({ FunctionName: name, Marker }))
      return { items: Versions?.flatMap((one) => one.Version ?? []), next: NextMarker }
    }),
  )
  return [...aliases, ...versions.filter((version) => version !== '$LATEST').slice(-VERSIONS)].filter((one) =>
    /^[\w-]+$/.test(one),
  )
}

const orNothing = async (read: () => Promise<readonly string[]>): Promise<readonly string[]> => {
  try {
    return await read()
  } catch (error) {
    if (isNotFound(error)) return []
    throw error
  }
}

const openStatements = async (of: PolicyOf, context: Context, unread: Unread): Promise<readonly Found[]> => {
  const { name, qualifier, region } = of
  const asked = { what: `who may invoke ${wordsOf(of)}`, operation: 'lambda:GetPolicy', otherwise: [] }
  return readOr(unread, asked, async () => {
    try {
      const command = new GetPolicyCommand({ FunctionName: name, ...given({ Qualifier: qualifier }) })
      const { Policy } = await context.aws(region).lambda.send(command)
      return statementsForAnybody(Policy ?? '').map((open) => ({ ...open, of }))
    } catch (error) {
      if (isNotFound(error)) return []
      throw error
    }
  })
}

const wordsOf = ({ name, qualifier }: PolicyOf): string =>
  qualifier === undefined
    ? `function ${name}`
    : `${/^\d+$/.test(qualifier) ? 'version' : 'alias'} ${qualifier} of function ${name}`

const resourceOf = ({ of: { name, qualifier }, sid }: Found): string =>
  `function/${name}${qualifier === undefined ? '' : `:${qualifier}`}/policy/${sid}`

/** A way that is a statement, and not what could not be read. */
const STATEMENT = /^function\/([\w-]+)(?::([\w-]+))?\/policy\/(.+)$/

const whatOf = (resource: string): string => {
  const [, name = '', qualifier, sid = ''] = STATEMENT.exec(resource) ?? []
  return `statement ${delimited(sid)} of the policy of ${wordsOf({ name, region: '', ...given({ qualifier }) })}`
}

const OPEN = 'lets anybody invoke it, from any account: if the attacker came in there, the new credentials can be read as well'

const openWay = (incident: Closing, found: Found, context: Context): FoundWay => {
  const { sid, of, statement } = found
  const permission = permissionOf(statement)
  const { name, qualifier, region } = of
  const resource = resourceOf(found)
  const way = { kind: KIND, resource, what: whatOf(resource) } as const
  const qualified = qualifier === undefined ? '' : ` --qualifier ${qualifier}`
  const aws = awsCommandFor(context.setting)
  const command = aws(`lambda remove-permission --function-name ${name}${qualified} --statement-id ${shellWord(sid)}`, region)
  const refused = refusedNow(incident, OPERATION, resource)
  if (refused !== undefined)
    return { way: { ...way, state: 'open', says: `${OPEN}; AWS refused ${OPERATION} (${refused})`, command } }
  const parameters = { FunctionName: name, ...given({ Qualifier: qualifier }), StatementId: sid }
  const effect: Effect = {
    operation: OPERATION,
    resource,
    parameters,
    sentence: `remove statement ${delimited(sid)} from the policy of ${wordsOf(of)}, which lets anybody invoke it`,
    cost: 'every caller of another account, and every service that no other statement names, is refused',
    undo: 'add the same statement again, once the function no longer gives its credentials away',
    ...given({
      undoCommand:
        permission &&
        aws(
          `lambda add-permission --function-name ${name}${qualified} --statement-id ${shellWord(sid)} --action ${shellWord(permission.Action)} --principal ${shellWord('*')}`,
          region,
        ),
    }),
  }
  return {
    way: { ...way, state: 'open', says: OPEN, command },
    closing: { effects: [effect], close: (within) => removeStatement(found, effect, within) },
  }
}

/** What a lift adds again is kept before it is removed. Where a secret was redacted from it, it is no before-image. */
const removeStatement = async (
  { of: { name, qualifier, region }, sid, statement }: Found,
  effect: Effect,
  { keep, recall, write, aws }: Context,
): Promise<void> => {
  const image = JSON.stringify(statement)
  const prior = await keep(`function-policy-before-${name}-${(qualifier ?? '').concat(sid).replace(/[^\w-]/g, '-')}`, image)
  const isWhole = (await recall(prior)) === image
  const input = { FunctionName: name, ...given({ Qualifier: qualifier }), StatementId: sid }
  await write(aws(region).lambda, new RemovePermissionCommand(input), effect, {
    planned: given({ priorDocument: isWhole ? prior : undefined }),
  })
}

const closedWay = (
  incident: Closing,
  { resource, what }: Pick<FoundWay['way'], 'resource' | 'what'>,
  context: Context,
): FoundWay => {
  const at = closedAt(incident, { kind: KIND, resource }, OPERATION, context.now())
  return { way: { kind: KIND, resource, what, ...at, state: 'closed', says: 'is not there any more, as it was read back' } }
}

const notRead = ({ name }: StolenFunction, unread: Unread): FoundWay => ({
  way: {
    ...{ kind: KIND, resource: `function/${name}/policy`, what: `who may invoke function ${name}`, state: 'unknown' },
    says: `is not known in full: ${[...new Set(unread)].join('; ')}`,
  },
})
