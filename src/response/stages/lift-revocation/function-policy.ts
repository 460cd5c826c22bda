import { AddPermissionCommand, GetFunctionCommand, GetPolicyCommand } from '@aws-sdk/client-lambda'
import { isNotFound } from '../../../aws/failure.ts'
import { permissionOf } from '../../../aws/function-permission.ts'
import { decodePolicy, type Statement, statementsOf } from '../../../aws/policy-document.ts'
import { newestFact } from '../../../incident/incident.ts'
import { given } from '../../../incident/values/given.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import type { Context } from '../../stage.ts'
import { type SettingChange, type SettingStanding, settingKind } from './settings.ts'

const placeOf = ({ effect: { parameters = {} }, incident, context }: SettingChange) => ({
  name: String(parameters.FunctionName),
  qualifier: parameters.Qualifier === undefined ? undefined : String(parameters.Qualifier),
  sid: String(parameters.StatementId),
  region: newestFact(incident, 'subject')?.region ?? context.setting.region,
})

type Place = ReturnType<typeof placeOf>

const wordsOf = ({ name, qualifier, sid }: Place): string =>
  `statement ${sid.replace(/[^\w-]/g, '?')} of the policy of function ${name}${qualifier === undefined ? '' : `:${qualifier}`}`

/** The statement as it was removed; a sentence where its copy is lost. */
const statementBefore = async ({ made, context }: SettingChange): Promise<Statement | string> => {
  const ref = made.at(-1)?.planned.priorDocument
  if (ref === undefined) return 'what it was is not kept whole: something that looks like a secret was redacted from its copy'
  const text = await context.recall(ref)
  return text === undefined ? `its copy, ${ref.file}, is missing or was changed` : (JSON.parse(text) as Statement)
}

const standingStatement = async ({ name, qualifier, sid, region }: Place, context: Context): Promise<Statement | undefined> => {
  try {
    const asked = new GetPolicyCommand({ FunctionName: name, ...given({ Qualifier: qualifier }) })
    const { Policy = '' } = await context.aws(region).lambda.send(asked)
    return statementsOf(decodePolicy(Policy)).find(({ Sid }) => Sid === sid)
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

const isThere = async ({ name, qualifier, region }: Place, context: Context): Promise<boolean> => {
  try {
    await context.aws(region).lambda.send(new GetFunctionCommand({ FunctionName: name, ...given({ Qualifier: qualifier }) }))
    return true
  } catch (error) {
    if (isNotFound(error)) return false
    throw error
  }
}

/** Whether AddPermission would make both of them. Lambda gives no order of the members. */
const isSame = (one: Statement, other: Statement): boolean => {
  const [a, b] = [permissionOf(one), permissionOf(other)]
  return a && b ? a.Action === b.Action : JSON.stringify(one) === JSON.stringify(other)
}

/** A statement of the same name is the same again, or somebody else's. */
const read = async (change: SettingChange): Promise<SettingStanding> => {
  const place = placeOf(change)
  const standing = await standingStatement(place, change.context)
  if (!standing) return (await isThere(place, change.context)) ? 'ours' : 'gone'
  const before = await statementBefore(change)
  return typeof before === 'object' && isSame(standing, before) ? 'as before' : 'changed'
}

/** A statement that let anybody invoke a function: it is added again as it was, where `AddPermission` can say it. */
export const publicFunctionPolicy = settingKind({
  operation: 'lambda:RemovePermission',
  what: (change) => wordsOf(placeOf(change)),
  read,
  back: async (change) => {
    const before = await statementBefore(change)
    if (typeof before === 'string') return before
    const permission = permissionOf(before)
    const file = change.made.at(-1)?.planned.priorDocument?.file ?? 'the evidence'
    if (!permission) return `lambda:AddPermission has no parameters for what it said, which is kept in ${file}`
    const place = placeOf(change)
    const parameters = { FunctionName: place.name, ...given({ Qualifier: place.qualifier }), ...permission }
    return {
      ...{ operation: 'lambda:AddPermission', parameters },
      client: change.context.aws(place.region).lambda,
      command: new AddPermissionCommand(parameters),
      sentence: `add ${wordsOf(place)} again, as it was`,
    }
  },
  lifted: 'anybody can invoke it, as before the response',
  cost: 'whoever made the function give its credentials away can do so again, unless its code was mended',
  gone: 'its function is not there any more',
  again: (change) => {
    const { name, qualifier, sid, region } = placeOf(change)
    const qualified = qualifier === undefined ? '' : ` --qualifier ${qualifier}`
    return { words: `lambda remove-permission --function-name ${name}${qualified} --statement-id ${shellWord(sid)}`, region }
  },
})
