import { GetFunctionUrlConfigCommand, UpdateFunctionUrlConfigCommand } from '@aws-sdk/client-lambda'
import { isNotFound } from '../../../aws/failure.ts'
import { newestFact } from '../../../incident/incident.ts'
import { given } from '../../../incident/values/given.ts'
import { isChangedSince, type SettingChange, type SettingStanding, settingKind } from './settings.ts'

const placeOf = ({ effect, incident, context }: SettingChange) => ({
  name: String(effect.parameters?.FunctionName),
  qualifier: effect.parameters?.Qualifier === undefined ? undefined : String(effect.parameters.Qualifier),
  region: newestFact(incident, 'subject')?.region ?? context.setting.region,
})

const wordsOf = ({ name, qualifier }: ReturnType<typeof placeOf>): string =>
  qualifier === undefined ? `the URL of function ${name}` : `the URL of alias ${qualifier} of function ${name}`

const read = async (change: SettingChange): Promise<SettingStanding> => {
  const { name, qualifier, region } = placeOf(change)
  try {
    const asked = new GetFunctionUrlConfigCommand({ FunctionName: name, ...given({ Qualifier: qualifier }) })
    const { AuthType, LastModifiedTime } = await change.context.aws(region).lambda.send(asked)
    if (AuthType === 'NONE') return 'as before'
    const changedAt = LastModifiedTime === undefined ? undefined : new Date(LastModifiedTime)
    return isChangedSince(change, changedAt) ? 'changed' : 'ours'
  } catch (error) {
    if (isNotFound(error)) return 'gone'
    throw error
  }
}

/** A function URL of which the response asked a signature: anybody can call it again. */
export const publicFunctionUrl = settingKind({
  operation: 'lambda:UpdateFunctionUrlConfig',
  what: (change) => wordsOf(placeOf(change)),
  read,
  back: async (change) => {
    const { name, qualifier, region } = placeOf(change)
    const parameters = { FunctionName: name, ...given({ Qualifier: qualifier }), AuthType: 'NONE' as const }
    return {
      ...{ operation: 'lambda:UpdateFunctionUrlConfig', parameters },
      client: change.context.aws(region).lambda,
      command: new UpdateFunctionUrlConfigCommand(parameters),
      sentence: `let anybody call ${wordsOf(placeOf(change))} again, without a signature`,
    }
  },
  lifted: 'anybody can call it, as before the response',
  cost: 'whoever made the function give its credentials away can do so again, unless its code was mended',
  again: (change) => {
    const { name, qualifier, region } = placeOf(change)
    const qualified = qualifier === undefined ? '' : ` --qualifier ${qualifier}`
    return { words: `lambda update-function-url-config --function-name ${name}${qualified} --auth-type AWS_IAM`, region }
  },
})
