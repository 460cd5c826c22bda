import { DescribeIdentityPoolCommand, type IdentityPool, UpdateIdentityPoolCommand } from '@aws-sdk/client-cognito-identity'
import { isNotFound } from '../../../aws/failure.ts'
import { isSamePool, poolWithGuests } from '../../../aws/identity-pool.ts'
import type { CallParameters } from '../../../incident/entry.ts'
import { delimited } from '../../../incident/values/delimited.ts'
import { shellWord } from '../../../incident/values/shell-word.ts'
import { type SettingChange, type SettingStanding, settingKind } from './settings.ts'

const placeOf = ({ effect: { resource } }: SettingChange) => ({ id: resource, region: resource.split(':')[0] ?? '' })

const readPool = (change: SettingChange): Promise<IdentityPool> => {
  const { id, region } = placeOf(change)
  return change.context.aws(region).cognitoIdentity.send(new DescribeIdentityPoolCommand({ IdentityPoolId: id }))
}

const read = async (change: SettingChange): Promise<SettingStanding> => {
  try {
    const pool = await readPool(change)
    if (pool.AllowUnauthenticatedIdentities === true) return 'as before'
    return isSamePool(poolWithGuests(pool, false), change.effect.parameters) ? 'ours' : 'changed'
  } catch (error) {
    if (isNotFound(error)) return 'gone'
    throw error
  }
}

/** An identity pool whose guest access the response switched off. */
export const guestAccess = settingKind({
  operation: 'cognito-identity:UpdateIdentityPool',
  what: (change) => `the guest access of identity pool ${delimited(placeOf(change).id)}`,
  read,
  back: async (change) => {
    const input = poolWithGuests(await readPool(change), true)
    return {
      operation: 'cognito-identity:UpdateIdentityPool',
      parameters: input as unknown as CallParameters,
      client: change.context.aws(placeOf(change).region).cognitoIdentity,
      command: new UpdateIdentityPoolCommand(input),
      sentence: `switch the guest access of identity pool ${delimited(input.IdentityPoolName ?? '')} on again`,
    }
  },
  lifted: 'it is on, as before the response',
  cost: 'whoever knows the id of the pool gets credentials of its role for guests again',
  again: (change) => {
    const input = shellWord(JSON.stringify(change.effect.parameters ?? {}))
    return { words: `cognito-identity update-identity-pool --cli-input-json ${input}`, region: placeOf(change).region }
  },
})
