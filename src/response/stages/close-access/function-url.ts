import { GetFunctionUrlConfigCommand } from '@aws-sdk/client-lambda'
import { isNotFound } from '../../../aws/failure.ts'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import { recipientOf } from '../../../incident/facts/recipient.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'
import type { Closing, FoundWay } from './way.ts'

/** "CreateFunction: FunctionName", without the ARN. Nothing in it has a meaning in a shell. */
const FUNCTION_NAME = /^[\w-]{1,64}$/

/**
 * The URL of the function that the session was issued to, where anybody can call it ("Control access to Lambda function URLs"): whoever
 * made the function give its credentials away may do so again. ir-cred leaves it as it is, because the owner's own callers use it too.
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
  const authentication = await readOr(unread, asked, () => authenticationOf(name, region, context))
  const way = { kind: 'function-url' as const, resource: `function/${name}`, what: `the URL of function ${name}` }
  if (unread.length > 0) return [{ way: { ...way, state: 'unknown', says: unread.join('; ') } }]
  if (authentication !== 'NONE') return []
  const words = `lambda update-function-url-config --function-name ${name} --auth-type AWS_IAM`
  return [{ way: { ...way, state: 'open', says: OPEN, command: awsCommandFor(context.setting)(words, region) } }]
}

const OPEN =
  'can be called by anybody, without authentication: if the attacker came in there, the new credentials can be read as well. Authentication locks out all callers that do not sign'

/** How callers of the function's URL authenticate; undefined where it has none. */
const authenticationOf = async (FunctionName: string, region: string, context: Context): Promise<string | undefined> => {
  try {
    return (await context.aws(region).lambda.send(new GetFunctionUrlConfigCommand({ FunctionName }))).AuthType
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}
