import { type FunctionConfiguration, ListFunctionsCommand } from '@aws-sdk/client-lambda'
import { wholeList } from '../../../aws/pager.ts'
import type { Role } from '../../../incident/facts/subject.ts'
import type { Context } from '../../stage.ts'

/** A function with a name of the form that Lambda gives. */
export type NamedFunction = FunctionConfiguration & { readonly FunctionName: string }

/** A function's name without an ARN around it ("CreateFunction"): it can stand in a command. */
const isFunctionName = (name: string | undefined): boolean => /^[\w-]{1,64}$/.test(name ?? '')

/** The functions of a Region whose execution role this is. Throws what the SDK throws, and Failure where the list is not whole. */
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
  return all.filter((one): one is NamedFunction => one.Role === role.arn && isFunctionName(one.FunctionName))
}
