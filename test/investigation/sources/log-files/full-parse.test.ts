import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PrincipalRef } from '../../../../src/investigation/question.ts'
import type { Document } from '../../records.ts'
import { cacheIn } from './caches.ts'
import { callBy, delivered, foundByReading, gzipped, scanFor, sessionOf, textsIn, writeLogs } from './logs.ts'
import { temporaryFolder } from './temporary.ts'

const KEYS = ['ASIASTOLENKEY0000001', 'ASIASTOLENKEY0000002', 'AKIALONGTERMKEY00001', 'ASIAROLE000000000001']
const ROLES = ['web-app', 'web-app-2', 'team=red', 'x', 'Ops+Night@corp']
const SESSIONS = ['i-0abc1234def567890', 'i-0abc', 'web-app']
const ADDRESSES = ['198.51.100.7', '198.51.100.77', 'ec2.amazonaws.com']

const identities: fc.Arbitrary<Document> = fc.oneof(
  fc.tuple(fc.constantFrom(...KEYS), fc.constantFrom(...ROLES), fc.constantFrom(...SESSIONS)).map((parts) => sessionOf(...parts)),
  fc
    .constantFrom(...KEYS)
    .map((accessKeyId) => ({ type: 'IAMUser', userName: 'web-app', arn: 'arn:aws:iam::1:user/web-app', accessKeyId })),
  fc.constantFrom<Document>(
    { type: 'AWSService', invokedBy: 'ec2.amazonaws.com' },
    { type: 'Root', arn: 'arn:aws:iam::1:root' },
    {},
  ),
)

const calls: fc.Arbitrary<Document> = fc
  .record({ who: identities, address: fc.constantFrom(...ADDRESSES), minute: fc.integer({ min: 10, max: 59 }) })
  .map(({ who, address, minute }) =>
    callBy(who, { sourceIPAddress: address, eventTime: `2026-03-01T12:${minute}:00Z`, eventID: `event-${minute}` }),
  )

/** A call with some members missing and in another order. */
const odd = calls.chain((call) => fc.shuffledSubarray(Object.entries(call), { minLength: 6 })).map(Object.fromEntries)

const { hidden } = fc.letrec((tie) => ({
  hidden: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(
      null,
      1,
      'x',
      { a: 1 },
      { eventVersion: '1.08' },
      '{"eventVersion":',
      '},{"eventVersion":"1"},{',
      'a\\"b',
    ),
    fc.constantFrom<unknown>(...KEYS, ...ROLES),
    calls,
    odd,
    fc.array(tie('hidden'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom('a', 'eventVersion', 'event', 'Records'), tie('hidden'), { maxKeys: 2 }),
    tie('hidden').map((value) => JSON.stringify(value)),
  ),
}))

const documents = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: calls },
    {
      weight: 2,
      arbitrary: fc.tuple(calls, hidden).map(([call, requestParameters]) => ({ ...call, requestParameters, readOnly: false })),
    },
    { weight: 1, arbitrary: fc.tuple(calls, hidden).map(([call, last]) => ({ ...call, last })) },
    { weight: 1, arbitrary: odd },
  ),
  { minLength: 1, maxLength: 7 },
)

const writers: fc.Arbitrary<(value: readonly unknown[]) => string> = fc.constantFrom(
  delivered,
  delivered,
  (value) => JSON.stringify(value),
  (value) => JSON.stringify({ Records: value }, null, 1),
  (value) => value.map((each) => JSON.stringify(each)).join('\n'),
  (value) => `${value.map((each) => JSON.stringify(each)).join(',\n')}\n`.replace(/^/, '[').concat(']'),
  (value) => delivered(value).replaceAll('A', '\\u0041'),
  (value) => delivered(value).replaceAll(/[<>&='+@]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`),
  (value) => delivered(value).replaceAll(':{"eventVersion"', ': {"eventVersion"'),
)

const principals: fc.Arbitrary<PrincipalRef> = fc.oneof(
  fc.constantFrom(...KEYS).map((value) => ({ kind: 'access-key-id' as const, value })),
  fc.constantFrom(...ROLES, 'arn:aws:iam::111122223333:role/app/web-app').map((value) => ({ kind: 'role' as const, value })),
  fc.constantFrom(...SESSIONS, 'web-app/i-0abc').map((value) => ({ kind: 'session' as const, value })),
  fc.constantFrom(...ADDRESSES).map((value) => ({ kind: 'ip' as const, value })),
  fc.constantFrom('web-app', 'root').map((value) => ({ kind: 'user' as const, value })),
)

const files = fc.array(fc.record({ documents, write: writers }), { minLength: 1, maxLength: 4 })

describe('a scan', () => {
  it('finds what a full parse of every file finds, in any form and for any principal', async () => {
    await fc.assert(
      fc.asyncProperty(files, principals, fc.boolean(), async (contents, principal, isCached) => {
        const folder = temporaryFolder()
        contents.forEach(({ documents, write }, index) => {
          writeLogs(folder, { [`logs/${index}.json.gz`]: gzipped(write(documents)) })
        })
        const logs = `${folder}/logs`
        const cache = isCached ? await cacheIn(folder, [logs]) : undefined
        const { states, bad } = await scanFor([logs], principal, cache ? { cache } : {})
        expect(bad.filter(({ why }) => !/no valid time|no CloudTrail record/.test(why))).toEqual([])
        const records = contents.flatMap(({ documents, write }) => read(write(documents)))
        expect(textsIn(states[0])).toEqual(foundByReading(records, principal))
      }),
      { numRuns: 200 },
    )
  })
})

/** The records of a text, by JSON.parse alone. */
const read = (text: string): unknown[] =>
  (isJson(text) ? [text] : text.split('\n')).flatMap((value) => recordsIn(JSON.parse(value)))

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

const recordsIn = (value: unknown): unknown[] => {
  if (typeof value === 'string') return value.includes('eventName') ? recordsInText(value) : []
  if (typeof value !== 'object' || value === null) return []
  if ('eventName' in value && typeof value.eventName === 'string') return [value]
  return Object.values(value).flatMap(recordsIn)
}

const recordsInText = (text: string): unknown[] => {
  try {
    return recordsIn(JSON.parse(text))
  } catch {
    return []
  }
}
