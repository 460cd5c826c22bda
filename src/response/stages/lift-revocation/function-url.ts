import { GetFunctionUrlConfigCommand, UpdateFunctionUrlConfigCommand } from '@aws-sdk/client-lambda'
import { isNotFound } from '../../../aws/failure.ts'
import { newestFact } from '../../../incident/incident.ts'
import { isChangedSince, type SettingChange, type SettingStanding, settingKind } from './settings.ts'

const placeOf = ({ effect, incident, context }: SettingChange) => ({
  name: String(effect.parameters?.FunctionName),
  region: newestFact(incident, 'subject')?.region ?? context.setting.region,
})

const read = async (change: SettingChange): Promise<SettingStanding> => {
  const { name, region } = placeOf(change)
  try {
    const asked = new GetFunctionUrlConfigCommand({ FunctionName: name })
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
  what: (change) => `the URL of function ${placeOf(change).name}`,
  read,
  back: async (change) => {
    const { name, region } = placeOf(change)
    const parameters = { FunctionName: name, AuthType: 'NONE' as const }
    return {
      ...{ operation: 'lambda:UpdateFunctionUrlConfig', parameters },
      client: change.context.aws(region).lambda,
      command: new UpdateFunctionUrlConfigCommand(parameters),
      sentence: `let anybody call the URL of function ${name} again, without a signature`,
    }
  },
  lifted: 'anybody can call it, as before the response',
  cost: 'whoever made the function give its credentials away can do so again, unless its code was mended',
  again: (change) => {
    const { name, region } = placeOf(change)
    return { words: `lambda update-function-url-config --function-name ${name} --auth-type AWS_IAM`, region }
  },
})
