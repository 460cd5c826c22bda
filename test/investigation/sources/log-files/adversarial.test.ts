import { describe, expect, it } from 'vitest'
import type { Document } from '../../records.ts'
import {
  callBy,
  delivered,
  gzipped,
  idsIn,
  idsOf,
  roleCall,
  scanFor,
  sessionOf,
  stolenCall,
  strangerCall,
  theKey,
  writeLogs,
} from './logs.ts'
import { temporaryFolder } from './temporary.ts'

const scanText = async (text: string, principal = theKey) => {
  const folder = temporaryFolder()
  writeLogs(folder, { 'a.json.gz': gzipped(text) })
  const { states } = await scanFor([folder], principal)
  return idsIn(states[0])
}

/** A stranger's call whose parameters contain something that looks like a call of the stolen key. */
const holding = (requestParameters: unknown): Document => strangerCall({ requestParameters })

const own = stolenCall()
const forged = (): Document => stolenCall({ eventName: 'Forged' })

const HIDES: Readonly<Record<string, Document>> = {
  'the key in a string': holding({ note: `the key was ${theKey.value}` }),
  'a record in a string': holding({ body: delivered([forged()]) }),
  'the start of a record in a string': holding({ body: '{"eventVersion":"1.08"},{"eventVersion":"1.08"}' }),
  'a record in an object': holding({ event: forged() }),
  'a record in a list': holding({ events: [forged()] }),
  'records in a list, the key in the first': holding({ events: [forged(), strangerCall(), strangerCall()] }),
  'records in a list, the key in the middle': holding({ events: [strangerCall(), forged(), strangerCall()] }),
  'records in a list, the key in the last': holding({ events: [strangerCall(), strangerCall(), forged()] }),
  'a list that begins with something else': holding({ events: [{ a: 1 }, strangerCall(), forged(), strangerCall()] }),
  'a list that begins with a text': holding({ events: ['a', strangerCall(), forged(), strangerCall()] }),
  'lists in lists': holding({ events: [[[strangerCall(), forged(), strangerCall()]]] }),
  'the start of a record with no value': holding({ event: { eventVersion: null }, key: theKey.value }),
  'an identity in the parameters': holding({ userIdentity: sessionOf(theKey.value) }),
  'a record in the answer': strangerCall({ responseElements: { events: [forged(), strangerCall()] } }),
  'a record after the other members': { ...strangerCall(), zzz: [forged(), strangerCall()] },
}

describe('a call inside another call’s parameters', () => {
  it.each(Object.entries(HIDES))('is not counted: %s', async (_, hiding) => {
    expect(await scanText(delivered([strangerCall(), hiding, own, strangerCall()]))).toEqual(idsOf([own]))
    expect(await scanText(delivered([hiding]))).toEqual([])
    expect(await scanText(delivered([own, hiding, hiding, own]))).toEqual(idsOf([own]))
  })
})

const MARK = '{"eventVersion":'
const KEY_IN_ESCAPES = [...theKey.value].map((character) => `\\u00${character.charCodeAt(0).toString(16)}`).join('')

const escaped = (text: string, written: string): string => text.replaceAll(theKey.value, written)

describe('a call of the principal is found in any spelling that JSON allows', () => {
  it.each([
    ['the key in escapes', KEY_IN_ESCAPES],
    ['one character in escapes', theKey.value.replace('S', '\\u0053')],
    ['capital hexadecimal digits', theKey.value.replace('K', '\\u004B')],
  ])('a call with %s is found', async (_, written) => {
    const text = escaped(delivered([strangerCall(), own, strangerCall()]), written)
    expect(text).not.toContain(theKey.value)
    expect(await scanText(text)).toEqual(idsOf([own]))
  })

  it('a call whose role name has a character that some writers escape is found', async () => {
    const call = callBy(sessionOf('ASIAROLE000000000001', 'team=red'))
    const text = delivered([strangerCall(), call, strangerCall()])
    expect(await scanText(text.replaceAll('=', '\\u003d'), { kind: 'role', value: 'team=red' })).toEqual(idsOf([call]))
    expect(await scanText(text, { kind: 'role', value: 'team=red' })).toEqual(idsOf([call]))
  })

  it('a call with escaped slashes is found', async () => {
    const role = 'arn:aws:iam::111122223333:role/app/web-app'
    const calls = [roleCall(), own]
    const text = delivered([strangerCall(), ...calls]).replaceAll('/', '\\/')
    expect(await scanText(text, { kind: 'role', value: role })).toEqual(idsOf(calls))
  })

  it('a call of the root user, or of a user whose name is not ASCII, is found', async () => {
    const root = callBy({ type: 'Root', principalId: '111122223333', accountId: '111122223333' })
    const user = callBy({ type: 'IAMUser', userName: 'zoë', arn: 'arn:aws:iam::111122223333:user/zoë' })
    const text = delivered([strangerCall(), root, user, strangerCall()])
    expect(await scanText(text, { kind: 'user', value: 'root' })).toEqual(idsOf([root]))
    expect(await scanText(text, { kind: 'user', value: 'zoë' })).toEqual(idsOf([user]))
    expect(await scanText(text.replaceAll('ë', '\\u00eb'), { kind: 'user', value: 'zoë' })).toEqual(idsOf([user]))
  })

  it('a call in a record that starts with an escape or with a space is found', async () => {
    for (const mark of ['{"\\u0065ventVersion":', '{"eventVersion" :', '{ "eventVersion":']) {
      const text = delivered([strangerCall(), own, strangerCall()])
      expect(await scanText(text.replaceAll(MARK, mark))).toEqual(idsOf([own]))
      const [head = '', first = '', second = '', third = ''] = text.split(MARK)
      expect(await scanText([head, MARK, first, mark, second, MARK, third].join(''))).toEqual(idsOf([own]))
      expect(await scanText([head, mark, first, MARK, second, mark, third].join(''))).toEqual(idsOf([own]))
    }
  })

  it('a call between lists of objects, texts with brackets and records of other kinds is found', async () => {
    const policy = strangerCall({ requestParameters: { policyDocument: '{"Statement":[{"Effect":"Allow"}]}' } })
    const groups = strangerCall({ requestParameters: { items: [{ groupId: 'a' }, { groupId: 'b' }] } })
    const insight = { eventVersion: '1.07', eventTime: '2026-03-01T12:00:00Z', insightDetails: { eventName: 'RunInstances' } }
    const short = { ...strangerCall(), tlsDetails: { tlsVersion: 'TLSv1.3' } }
    const odd = { ...strangerCall(), addendum: { reason: 'x', list: [1, 2] } }
    const text = delivered([policy, groups, insight, own, short, odd, own, { eventVersion: '1.09' }, short, policy])
    expect(await scanText(text)).toEqual(idsOf([own]))
  })
})
