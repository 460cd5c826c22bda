import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PrincipalRef } from '../../../../src/investigation/question.ts'
import { noPositions } from '../../../../src/investigation/sources/log-files/decode/cut-records.ts'
import { readRecords } from '../../../../src/investigation/sources/log-files/decode/read-records.ts'
import { type SearchTerms, searchTermsFor } from '../../../../src/investigation/sources/log-files/match/search-terms.ts'
import type { Document } from '../../records.ts'
import { callBy, delivered, sessionOf, stolenCall, theKey } from './logs.ts'

const ADDRESSES = ['198.51.100.7', '203.0.113.9', '2001:db8::7'] as const
const OTHERS = ['198.51.100.77', '8.198.51.100.7', 'ec2.amazonaws.com', ''] as const

const addresses: readonly PrincipalRef[] = ADDRESSES.map((value) => ({ kind: 'ip', value }))
const termsOf = (principals: readonly PrincipalRef[], asked: readonly PrincipalRef[] = [theKey]): SearchTerms => {
  const terms = searchTermsFor([...asked, ...principals], asked)
  if (!terms) throw new Error('the terms can be searched for')
  return terms
}

const taken = (text: string, terms: SearchTerms): unknown[] => {
  const found: unknown[] = []
  readRecords(Buffer.from(text), terms, noPositions(), {
    take: (document) => found.push(document),
    restart: () => found.splice(0),
  })
  return found
}

const idsOf = (documents: readonly unknown[]): unknown[] => documents.map((document) => (document as Document).eventID).sort()

const isFromAddress = ({ sourceIPAddress }: Document): boolean => ADDRESSES.some((address) => address === sourceIPAddress)

const sources = fc.constantFrom<unknown>(...ADDRESSES, ...OTHERS, null, 7, ['198.51.100.7'])
const parameters = fc.constantFrom<unknown>(
  null,
  { sourceIPAddress: '198.51.100.7' },
  { sourceIPAddress: 'x' },
  '"sourceIPAddress":',
)
const calls = fc
  .record({ sourceIPAddress: sources, requestParameters: parameters, isMissing: fc.boolean() })
  .map(({ isMissing, ...parts }): Document => {
    const { sourceIPAddress, ...call } = callBy(sessionOf('ASIASTRANGER00000001', 'other'), parts)
    return isMissing ? call : { ...call, sourceIPAddress }
  })
const numbered = (documents: readonly Document[]): Document[] =>
  documents.map((document, index) => ({ ...document, eventID: `event-${index}` }))

const NAMES = ['backup-role', 'backup-role-2', 'backup-rope', 'backup-', 'archive'] as const
const named = (values: readonly string[]): readonly PrincipalRef[] => values.map((value) => ({ kind: 'resource', value }))
const callsOn = (names: readonly string[]): Document =>
  callBy(sessionOf('ASIASTRANGER00000001', 'other'), { requestParameters: { names } })

describe('the bytes of a log file', () => {
  it('are searched for names that start alike as for each of them, and it is known whether one was met', () => {
    const some = fc.array(fc.constantFrom(...NAMES, 'backup-other', 'back'), { maxLength: 3 })
    fc.assert(
      fc.property(
        fc.array(some.map(callsOn), { minLength: 1, maxLength: 8 }).map(numbered),
        fc.subarray([...NAMES]),
        (documents, asked) => {
          fc.pre(asked.length > 0)
          const terms = termsOf(named(asked), named(asked))
          const isNamed = ({ requestParameters }: Document): boolean =>
            asked.some((name) => JSON.stringify(requestParameters).includes(name))
          expect(idsOf(taken(delivered(documents), terms))).toEqual(idsOf(documents.filter(isNamed)))
          expect(terms.met.own).toBe(documents.some(isNamed))
        },
      ),
      { numRuns: 500 },
    )
  })

  it('are searched for many addresses at once, and every record of a call from one of them is found', () => {
    fc.assert(
      fc.property(fc.array(calls, { minLength: 1, maxLength: 8 }).map(numbered), (documents) => {
        const found = new Set(idsOf(taken(delivered(documents), termsOf(addresses))))
        for (const document of documents.filter(isFromAddress)) expect(found).toContain(document.eventID)
      }),
      { numRuns: 500 },
    )
  })

  it('give no record that names an address of another call only', () => {
    const named = (address: string) =>
      callBy(sessionOf('ASIASTRANGER00000001', 'other'), { sourceIPAddress: '10.0.0.1', note: address })
    const own = callBy(sessionOf('ASIASTRANGER00000001', 'other'), { sourceIPAddress: '203.0.113.9' })
    const documents = numbered([named('198.51.100.7'), own, named('203.0.113.9')])
    expect(idsOf(taken(delivered(documents), termsOf(addresses)))).toEqual(['event-1'])
  })

  it('are searched for the address itself where it was asked for', () => {
    const named = callBy(sessionOf('ASIASTRANGER00000001', 'other'), { sourceIPAddress: '10.0.0.1', note: '198.51.100.7' })
    const terms = termsOf(addresses.slice(1), addresses.slice(0, 1))
    expect(taken(delivered([named]), terms)).toEqual([named])
    expect(terms.met.own).toBe(true)
  })

  it('give a record that names a principal of another kind whose text is one of the addresses', () => {
    const about = callBy(sessionOf('ASIASTRANGER00000001', 'other'), {
      sourceIPAddress: '10.0.0.1',
      requestParameters: { userName: '203.0.113.9' },
    })
    const terms = termsOf([...addresses, { kind: 'user', value: '203.0.113.9' }])
    expect(taken(delivered([about]), terms)).toEqual([about])
  })

  it('give only records of the APIs that count, whatever else they name', () => {
    const deletion = stolenCall({ eventName: 'DeleteUser', eventID: 'a' })
    const hidden = stolenCall({ eventName: 'GetUser', requestParameters: { eventName: 'DeleteUser' }, eventID: 'b' })
    const escaped = delivered([stolenCall({ eventName: 'DeleteRole', eventID: 'c' })]).replace('DeleteRole', 'Delete\\u0052ole')
    const other = stolenCall({ eventName: 'GetUser', eventID: 'd' })
    const terms = { ...termsOf([]), mayCount: (eventName: string) => eventName.startsWith('Delete') }
    expect(idsOf(taken(delivered([deletion, hidden, other]), terms))).toEqual(['a', 'b'])
    expect(idsOf(taken(escaped, terms))).toEqual(['c'])
  })
})
