import {
  GetFunctionUrlConfigCommand,
  type GetFunctionUrlConfigResponse,
  UpdateFunctionUrlConfigCommand,
} from '@aws-sdk/client-lambda'
import { isNotFound } from '../../../aws/failure.ts'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import type { Effect } from '../../../incident/entry.ts'
import { recipientOf } from '../../../incident/facts/recipient.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'
import { type Closing, closedAt, type FoundWay, isKnownWay, refusedNow } from './way.ts'

const OPERATION = 'lambda:UpdateFunctionUrlConfig'

/** "CreateFunction: FunctionName", without the ARN. Nothing in it has a meaning in a shell. */
const FUNCTION_NAME = /^[\w-]{1,64}$/

/**
 * The URL of the function that the session was issued to, where anybody can call it ("Control access to Lambda function URLs"): whoever
 * made the function give its credentials away may do so again. A URL of an alias is not looked at.
 */
export const functionUrlWays = async (incident: Closing, context: Context): Promise<readonly FoundWay[]> => {
  const { subject } = incident.facts
  if (subject.kind !== 'role-session' || recipientOf(subject).kind !== 'lambda') return []
  const { sessionName: name, region } = subject
  if (!FUNCTION_NAME.test(name)) return []
  const unread: Unread = []
  const asked = {
    what: `whether anybody can call function ${name}`,
    operation: 'lambda:GetFunctionUrlConfig',
    otherwise: undefined,
  }
  const config = await readOr(unread, asked, () => functionUrl(name, region, context))
  const way = { kind: 'function-url' as const, resource: `function/${name}`, what: `the URL of function ${name}` }
  if (unread.length > 0) return [{ way: { ...way, state: 'unknown', says: unread.join('; ') } }]
  if (config?.AuthType === 'NONE') return [openUrl(incident, { name, region, config }, way, context)]
  if (!isKnownWay(incident, way, OPERATION)) return []
  const says = config === undefined ? 'is not there any more' : 'can be called with a signature only, as it was read back'
  return [{ way: { ...way, ...closedAt(incident, way, OPERATION, context.now()), state: 'closed', says } }]
}

const OPEN =
  'can be called by anybody, without authentication: if the attacker came in there, the new credentials can be read as well. Authentication locks out all callers that do not sign'

/** How the function's URL is set; undefined where it has none. */
const functionUrl = async (
  FunctionName: string,
  region: string,
  context: Context,
): Promise<GetFunctionUrlConfigResponse | undefined> => {
  try {
    return await context.aws(region).lambda.send(new GetFunctionUrlConfigCommand({ FunctionName }))
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

interface PublicUrl {
  readonly name: string
  readonly region: string
  readonly config: GetFunctionUrlConfigResponse
}

const openUrl = (
  incident: Closing,
  { name, region, config }: PublicUrl,
  way: Pick<FoundWay['way'], 'kind' | 'resource' | 'what'>,
  context: Context,
): FoundWay => {
  const aws = awsCommandFor(context.setting)
  const setting = (type: 'AWS_IAM' | 'NONE') =>
    aws(`lambda update-function-url-config --function-name ${name} --auth-type ${type}`, region)
  const command = setting('AWS_IAM')
  const refused = refusedNow(incident, OPERATION, way.resource)
  if (refused !== undefined)
    return { way: { ...way, state: 'open', says: `${OPEN}; AWS refused ${OPERATION} (${refused})`, command } }
  const parameters = { FunctionName: name, AuthType: 'AWS_IAM' as const }
  const effect: Effect = {
    operation: OPERATION,
    resource: way.resource,
    parameters,
    sentence: `require a signature of whoever calls the URL of function ${name}`,
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
        await keep(`function-url-before-${name}`, { AuthType, Cors, InvokeMode, LastModifiedTime })
        await write(within(region).lambda, new UpdateFunctionUrlConfigCommand(parameters), effect)
      },
    },
  }
}
