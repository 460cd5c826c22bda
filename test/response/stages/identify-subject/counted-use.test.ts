import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail'
import { beforeEach, describe, expect, it } from 'vitest'
import { mockClient } from '../../../support/mock-client.ts'
import 'aws-sdk-client-mock-vitest/extend'
import type { UsualUse } from '../../../../src/incident/facts/subject.ts'
import type { RoleCallsAsked, RoleCallsCounted, RoleHistory } from '../../../../src/incident/role-history.ts'
import { Failure } from '../../../../src/incident/values/failure.ts'
import type { Instant } from '../../../../src/incident/values/instant.ts'
import { sampleUsualUse, type TheftInHistory } from '../../../../src/response/stages/identify-subject/usual-use.ts'
import { identifySubject } from '../../../../src/response/stages/identify-subject.ts'
import { blockText } from '../../../support/block-text.ts'
import { awsError, contextsOf, subjectLike } from '../../../support/stage-context.ts'

const cloudtrail = mockClient(CloudTrailClient)
const { contextLike } = contextsOf({ cloudtrail: CloudTrailClient })

const ADDRESS = '198.51.100.23'
const ISSUED = '2026-11-25T01:07:00Z' as Instant
const FROM = '2026-08-27T01:07:00Z'

const theft: TheftInHistory = {
  addresses: [ADDRESS],
  role: { id: 'AROAXCSEC6TNB2WZPQ7LK', arn: 'arn:aws:iam::111122223333:role/service/web-app' },
  ...{ sessionName: 'i-08faaaafb15777f5a', accessKeyId: 'ASIAXCSEC6TNGZ6EZUUO', region: 'us-east-1' },
  moments: [ISSUED, undefined],
}

const COUNTED: RoleCallsCounted = {
  calls: 48_211,
  first: '2026-09-01T00:00:00Z' as Instant,
  addresses: [{ address: ADDRESS, calls: 681, days: 41, sessions: [] }],
  bytes: 1_234_000_000,
  incomplete: [],
}

/** A table that answers so, or fails so; and what it was asked. */
const table = (answer: RoleCallsCounted | Error, name = 'Athena table logs.trail') => {
  const asked: RoleCallsAsked[] = []
  const history: RoleHistory = {
    ...{ name, service: 'Athena' },
    count: async (question) => {
      asked.push(question)
      if (answer instanceof Error) throw answer
      return answer
    },
  }
  return { history, asked }
}

const sampled = async (history: RoleHistory | undefined, known?: UsualUse): Promise<UsualUse> => {
  const use = await sampleUsualUse(theft, contextLike(history ? { history } : {}), known)
  if (!use) throw new Error('nothing was sampled')
  return use
}

const lookups = () => cloudtrail.commandCalls(LookupEventsCommand).length

beforeEach(() => {
  cloudtrail.reset()
  cloudtrail.on(LookupEventsCommand).resolves({ Events: [] })
})

describe('the use of an address, counted', () => {
  it('is that of the 90 days before the theft, without the stolen key, and the event history is not read', async () => {
    const { history, asked } = table(COUNTED)
    const use = await sampled(history)
    expect(asked).toEqual([
      {
        role: { id: 'AROAXCSEC6TNB2WZPQ7LK', accountId: '111122223333' },
        ...{ stolenKey: 'ASIAXCSEC6TNGZ6EZUUO', from: FROM, until: ISSUED, addresses: [ADDRESS] },
      },
    ])
    expect(use).toEqual({
      ...{ before: ISSUED, calls: 48_211, readBackTo: FROM, regions: [], addresses: COUNTED.addresses, incomplete: [] },
      counted: { source: 'Athena table logs.trail', firstCall: '2026-09-01T00:00:00Z', bytes: 1_234_000_000 },
    })
    expect(lookups()).toBe(0)
  })

  it.each<[string, RoleCallsCounted | Error, RegExp]>([
    [
      'is denied',
      new Failure({ kind: 'identity', what: 'this identity may not', why: 'no\u001b[2J', remedy: 'grant it' }),
      /^Athena table logs\.trail could not be asked: this identity may not \(no\?\[2J\); grant it$/,
    ],
    [
      'is too slow',
      new Failure({
        kind: 'unavailable',
        what: 'Athena did not answer in 1 min',
        why: 'the query was stopped',
        remedy: '--since',
      }),
      /^Athena table logs\.trail could not be asked: Athena did not answer in 1 min \(the query was stopped\)$/,
    ],
    ['is refused by an error that nobody foresaw', awsError('ExpiredToken'), /could not be asked: ExpiredToken$/],
    [
      'finds no call of the role at all',
      { ...COUNTED, calls: 0 },
      /has no call of the role in the 90 days .*: that proves nothing$/,
    ],
  ])('is a sentence where the query %s, and the event history is sampled', async (_, answer, sentence) => {
    const use = await sampled(table(answer).history)
    expect(use).toMatchObject({ regions: ['us-east-1'], incomplete: [expect.stringMatching(sentence)] })
    expect(use.counted).toBeUndefined()
    expect(lookups()).toBeGreaterThan(0)
  })

  it('shows nothing of a reason that may be a secret', async () => {
    const why = `token IQoJ${'b3JpZ2luX2VjE'.repeat(3)}`
    const { incomplete } = await sampled(table(new Failure({ kind: 'blocked', what: 'no', why, remedy: '' })).history)
    expect(incomplete[0]).toBe('Athena table logs.trail could not be asked: no (its reason is not shown)')
  })

  it('hides no bug and no interruption', async () => {
    await expect(sampled(table(new TypeError('a bug')).history)).rejects.toThrow('a bug')
    const controller = new AbortController()
    const history: RoleHistory = {
      ...table(COUNTED).history,
      count: async () => {
        controller.abort(new Error('Ctrl-C'))
        throw new Failure({ kind: 'blocked', what: 'x', remedy: 'y' })
      },
    }
    await expect(sampleUsualUse(theft, contextLike({ history, signal: controller.signal }), undefined)).rejects.toThrow('Ctrl-C')
  })

  it('is not asked for again by a run that goes on, with the table or without it', async () => {
    const { history, asked } = table({ ...COUNTED, incomplete: ['days may be missing'] })
    const known = await sampled(history)
    expect(await sampled(history, known)).toBe(known)
    expect(await sampled(undefined, known)).toBe(known)
    expect([asked.length, lookups()]).toEqual([1, 0])
  })

  it('is asked for where a sample is known, or the count of another table', async () => {
    const { history, asked } = table(COUNTED)
    await sampled(history, await sampled(undefined))
    await sampled(history, await sampled(table(COUNTED, 'Athena table logs.old').history))
    expect(asked).toHaveLength(2)
  })
})

describe('the words on a count', () => {
  const said = async (parts: Partial<RoleCallsCounted>) =>
    blockText(
      identifySubject.describe({ subject: subjectLike({ usualUse: await sampled(table({ ...COUNTED, ...parts }).history) }) }),
    )

  it('name what has counted, how far it reaches, and what was read for it', async () => {
    const text = await said({})
    expect(text).toMatch(
      /Of 48,211 calls of role web-app that Athena table logs\.trail has of the time from 2026-08-27T.* to the theft \(the first at .*\), 681 came from 198\.51\.100\.23 on 41 days/,
    )
    expect(text).toContain('It may be your own way out.')
    expect(text).toContain('The query read 1.2 GB.')
  })

  it('say of no use that it proves nothing', async () => {
    expect(await said({ addresses: [{ address: ADDRESS, calls: 0, days: 0, sessions: [] }] })).toMatch(
      /None of 48,211 calls .* came from 198\.51\.100\.23\. That proves nothing\./,
    )
  })

  it('count the sessions that are not named', async () => {
    const sessions = ['a', 'b', 'c', 'd'].map((untrusted) => ({ untrusted }))
    const addresses = [{ address: ADDRESS, calls: 681, days: 41, sessions, sessionCount: 900 }]
    expect(await said({ addresses })).toContain('by sessions a, b, c and 897 more.')
  })

  it('say what may be missing beside what was counted', async () => {
    expect(await said({ incomplete: ['days may be missing'] })).toContain('the history is not all read: days may be missing')
  })
})
