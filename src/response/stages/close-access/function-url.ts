import {
  type FunctionUrlConfig,
  GetFunctionUrlConfigCommand,
  ListFunctionUrlConfigsCommand,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda'
import { isNotFound } from '../../../aws/failure.ts'
import { wholeList } from '../../../aws/pager.ts'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import type { Effect } from '../../../incident/entry.ts'
import { recipientOf } from '../../../incident/facts/recipient.ts'
import type { Subject } from '../../../incident/facts/subject.ts'
import { given } from '../../../incident/values/given.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'
import { type Closing, closedAt, closedBefore, type FoundWay, isKnownWay, refusedNow } from './way.ts'

const OPERATION = 'lambda:UpdateFunctionUrlConfig'
const KIND = 'function-url'

/** "CreateFunction: FunctionName", without the ARN. Nothing in it has a meaning in a shell. */
const FUNCTION_NAME = /^[\w-]{1,64}$/
const ALIAS_NAME = /^[\w-]{1,128}$/

/** The function that the session was issued to. */
export interface StolenFunction {
  readonly name: string
  readonly region: string
}

/** The function that the session was issued to; undefined where it was issued to anything else. */
export const stolenFunction = (subject: Subject): StolenFunction | undefined => {
  if (subject.kind !== 'role-session' || recipientOf(subject).kind !== 'lambda') return undefined
  const { sessionName: name, region } = subject
  return FUNCTION_NAME.test(name) ? { name, region } : undefined
}

/** A function's URL, or that of an alias of it. */
interface UrlOf extends StolenFunction {
  readonly alias?: string
}

type UrlWay = Pick<FoundWay['way'], 'kind' | 'resource' | 'what'>

const wayOf = ({ name, alias }: UrlOf): UrlWay =>
  alias === undefined
    ? { kind: KIND, resource: `function/${name}`, what: `the URL of function ${name}` }
    : { kind: KIND, resource: `function/${name}:${alias}`, what: `the URL of alias ${alias} of function ${name}` }

/**
 * The URLs of the function that the session was issued to and of its aliases, where anybody can call them ("Control access to Lambda
 * function URLs"): whoever made the function give its credentials away may do so again.
 */
export const functionUrlWays = async (incident: Closing, context: Context): Promise<readonly FoundWay[]> => {
  const stolen = stolenFunction(incident.facts.subject)
  if (!stolen) return []
  return [...(await ownUrl(incident, stolen, context)), ...(await aliasUrls(incident, stolen, context))]
}

const ownUrl = async (incident: Closing, stolen: StolenFunction, context: Context): Promise<readonly FoundWay[]> => {
  const unread: Unread = []
  const asked = {
    what: `whether anybody can call function ${stolen.name}`,
    operation: 'lambda:GetFunctionUrlConfig',
    otherwise: undefined,
  }
  const config = await readOr(unread, asked, () => functionUrl(stolen, context))
  if (unread.length > 0) return [{ way: { ...wayOf(stolen), state: 'unknown', says: unread.join('; ') } }]
  return urlWay(incident, stolen, config, context)
}

/** The URLs of aliases: those that stand, and those that were seen before and are gone. */
const aliasUrls = async (incident: Closing, stolen: StolenFunction, context: Context): Promise<readonly FoundWay[]> => {
  const { name } = stolen
  const unread: Unread = []
  const asked = {
    what: `whether anybody can call it by an alias`,
    operation: 'lambda:ListFunctionUrlConfigs',
    otherwise: undefined,
  }
  const configs = await readOr(unread, asked, () => listedUrls(stolen, context))
  const resource = `function/${name}:*`
  if (!configs)
    return [
      {
        way: {
          kind: KIND,
          resource,
          what: `the URLs of the aliases of function ${name}`,
          state: 'unknown',
          says: unread.join('; '),
        },
      },
    ]
  const standing = configs.flatMap((config) => {
    const alias = config.FunctionArn?.split(':')[7]
    return alias !== undefined && ALIAS_NAME.test(alias) ? [{ of: { ...stolen, alias }, config }] : []
  })
  const gone = closedBefore(incident, KIND, OPERATION, (one) => one)
    .flatMap((way) => way.resource.split(':')[1] ?? [])
    .filter((alias) => ALIAS_NAME.test(alias) && !standing.some(({ of }) => of.alias === alias))
  return [
    ...standing.flatMap(({ of, config }) => urlWay(incident, of, config, context)),
    ...gone.flatMap((alias) => urlWay(incident, { ...stolen, alias }, undefined, context)),
  ]
}

const urlWay = (incident: Closing, of: UrlOf, config: FunctionUrlConfig | undefined, context: Context): readonly FoundWay[] => {
  const way = wayOf(of)
  if (config?.AuthType === 'NONE') return [openUrl(incident, of, config, context)]
  if (!isKnownWay(incident, way, OPERATION)) return []
  const says = config === undefined ? 'is not there any more' : 'can be called with a signature only, as it was read back'
  return [{ way: { ...way, ...closedAt(incident, way, OPERATION, context.now()), state: 'closed', says } }]
}

const OPEN =
  'can be called by anybody, without authentication: if the attacker came in there, the new credentials can be read as well. Authentication locks out all callers that do not sign'

/** How the function's URL is set; undefined where it has none. */
const functionUrl = async ({ name, region }: StolenFunction, context: Context): Promise<FunctionUrlConfig | undefined> => {
  try {
    const found = await context.aws(region).lambda.send(new GetFunctionUrlConfigCommand({ FunctionName: name }))
    return { ...found, LastModifiedTime: found.LastModifiedTime ?? found.CreationTime }
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

const listedUrls = async ({ name, region }: StolenFunction, context: Context): Promise<readonly FunctionUrlConfig[]> => {
  try {
    return await wholeList(`URLs of function ${name}`, async (Marker) => {
      const asked = new ListFunctionUrlConfigsCommand({ FunctionName: name, Marker })
      const { FunctionUrlConfigs, NextMarker } = await context.aws(region).lambda.send(asked)
      return { items: FunctionUrlConfigs, next: NextMarker }
    })
  } catch (error) {
    if (isNotFound(error)) return []
    throw error
  }
}

const openUrl = (incident: Closing, of: UrlOf, config: FunctionUrlConfig, context: Context): FoundWay => {
  const { name, alias, region } = of
  const way = wayOf(of)
  const aws = awsCommandFor(context.setting)
  const qualified = alias === undefined ? '' : ` --qualifier ${alias}`
  const setting = (type: 'AWS_IAM' | 'NONE') =>
    aws(`lambda update-function-url-config --function-name ${name}${qualified} --auth-type ${type}`, region)
  const command = setting('AWS_IAM')
  const refused = refusedNow(incident, OPERATION, way.resource)
  if (refused !== undefined)
    return { way: { ...way, state: 'open', says: `${OPEN}; AWS refused ${OPERATION} (${refused})`, command } }
  const parameters = { FunctionName: name, ...given({ Qualifier: alias }), AuthType: 'AWS_IAM' as const }
  const effect: Effect = {
    operation: OPERATION,
    resource: way.resource,
    parameters,
    sentence: `require a signature of whoever calls ${way.what}`,
    cost: 'every caller of the URL that does not sign its requests with credentials of AWS is refused, browsers and webhooks too',
    undo: 'let anybody call it again, once the function no longer gives its credentials away',
    undoCommand: setting('NONE'),
  }
  return {
    way: { ...way, state: 'open', says: OPEN, command },
    closing: {
      effects: [effect],
      close: async ({ write, aws: within, keep }) => {
        const { AuthType, Cors, InvokeMode, LastModifiedTime } = config
        const before = { AuthType, Cors, InvokeMode, LastModifiedTime }
        await keep(`function-url-before-${name}${alias === undefined ? '' : `-${alias}`}`, before)
        await write(within(region).lambda, new UpdateFunctionUrlConfigCommand(parameters), effect)
      },
    },
  }
}
