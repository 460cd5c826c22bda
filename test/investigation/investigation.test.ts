import { describe, expect, it } from 'vitest'
import { activityFrom } from './activity-builder.ts'
import { after, documentOf, identity } from './records.ts'

/** What the attacker does in the console has other keys, and the name of the session that signed in. */
const inConsole = { ...identity, accessKeyId: 'ASIACONSOLE000000001' }

describe('an investigation of a key that signed in to the console', () => {
  const signIn = documentOf({
    ...{ eventSource: 'signin.amazonaws.com', eventName: 'GetSigninToken', readOnly: false },
    responseElements: { GetSigninToken: 'Success' },
  })
  const madeBy = (userIdentity: object, userName: string, seconds: number) =>
    documentOf({
      ...{ userIdentity, eventTime: after(seconds), eventSource: 'iam.amazonaws.com', eventName: 'CreateUser', readOnly: false },
      requestParameters: { userName },
    })
  const session = { kind: 'session', value: identity.arn as string } as const

  it('tells everything that was left once, whichever of the two sessions left it', async () => {
    const records = [signIn, madeBy(identity, 'by-key', 1), madeBy(inConsole, 'by-console', 2)]
    const { artefacts } = await activityFrom(records, { chainedSessions: [session] })
    expect(artefacts.rows.map(({ names }) => names.user)).toEqual([['by-key'], ['by-console']])
  })
})
