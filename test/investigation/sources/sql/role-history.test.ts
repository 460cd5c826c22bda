import type { DuckDBConnection } from '@duckdb/node-api'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { openAthena, openClients } from '../../../../src/aws/open-clients.ts'
import type { RoleCallsAsked, RoleHistory } from '../../../../src/incident/role-history.ts'
import { type AthenaOptions, athenaRoleHistory } from '../../../../src/investigation/sources/athena/athena-source.ts'
import { athenaTable, DOCUMENTED } from '../../../../src/investigation/sources/athena/athena-table.ts'
import { eventDataStoreIn, lakeStore } from '../../../../src/investigation/sources/lake/event-data-store.ts'
import { lakeRoleHistory } from '../../../../src/investigation/sources/lake/lake-source.ts'
import { roleCallsQuery } from '../../../../src/investigation/sources/sql/role-calls.ts'
import { ServiceError } from '../../../../src/simulator/call.ts'
import { DESCRIBED } from '../../../support/duckdb-athena.ts'
import { makeTable, openTrino } from '../../../support/duckdb-trino.ts'
import { type Call, documentOf, instant, STOLEN } from '../../analysis/records.ts'
import { type AskingOptions, askingConfig, newToken, TABLE } from './asking.ts'
import { faultsInTrino } from './grammar.ts'

const STORE = 'a1b2c3d4-0000-4000-8000-000000000009'
const ADDRESS = '198.51.100.7'
const KEY = 'ASIAEARLIER000000001'
const ROLE = { id: 'AROAEXAMPLEWEBAPP', accountId: '111122223333' }
const FROM = instant('2025-12-01T00:00:00Z')
const UNTIL = instant('2026-03-01T12:00:00Z')

const asked = (addresses: readonly string[] = [ADDRESS], parts: Partial<RoleCallsAsked> = {}): RoleCallsAsked => ({
  ...{ role: ROLE, stolenKey: STOLEN, from: FROM, until: UNTIL, addresses },
  ...parts,
})

let connection: DuckDBConnection
beforeAll(async () => {
  connection = await openTrino()
})

/** A call of the role before the theft. */
const call = (parts: Call = {}) => documentOf({ at: '2026-02-20T10:00:00Z', key: KEY, ip: ADDRESS, ...parts })

const limits = (parts: { signal?: AbortSignal; within?: number } = {}) => ({
  ...{ signal: new AbortController().signal, within: 60 },
  ...parts,
})

const athena = async (documents: readonly object[], wire: Partial<AskingOptions> = {}, parts: Partial<AthenaOptions> = {}) => {
  await makeTable(connection, '"logs"."trail"', documents)
  const asking = askingConfig({ connection, ...wire })
  const client = await openAthena('eu-west-1', asking.config)
  return { ...asking, history: athenaRoleHistory({ client, clock: asking.clock, table: TABLE, newToken, ...parts }) }
}

const lake = async (documents: readonly object[], wire: Partial<AskingOptions> = {}) => {
  await makeTable(connection, `"${STORE}"`, documents, 'lake')
  const asking = askingConfig({ connection, ...wire })
  const client = openClients(asking.config)('eu-west-1').cloudtrail
  return { ...asking, history: lakeRoleHistory({ client, clock: asking.clock, store: eventDataStoreIn(STORE) }) }
}

const PLACES: readonly [string, (documents: readonly object[]) => Promise<{ readonly history: RoleHistory }>][] = [
  ['Athena', athena],
  ['CloudTrail Lake', lake],
]

describe.each(PLACES)('a role’s calls counted by %s', (_, place) => {
  const counted = async (documents: readonly object[], addresses?: readonly string[], parts?: Partial<RoleCallsAsked>) =>
    (await place(documents)).history.count(asked(addresses, parts), limits())

  it('are counted with days, first and last call and sessions of the address, and the total beside it', async () => {
    const documents = [
      call({ at: '2026-02-20T10:00:00Z' }),
      call({ at: '2026-02-20T23:59:59Z', session: 'i-0bbb1234def567890' }),
      call({ at: '2026-02-22T00:00:00Z' }),
      call({ at: '2026-01-05T08:00:00Z', ip: '203.0.113.9' }),
    ]
    expect(await counted(documents)).toEqual({
      calls: 4,
      first: '2026-01-05T08:00:00Z',
      addresses: [
        {
          ...{ address: ADDRESS, calls: 3, days: 2, first: '2026-02-20T10:00:00Z', last: '2026-02-22T00:00:00Z' },
          sessions: [{ untrusted: 'i-0abc1234def567890' }, { untrusted: 'i-0bbb1234def567890' }],
        },
      ],
      bytes: 3_000,
      incomplete: [],
    })
  })

  it.each<[string, Call]>([
    ['of the stolen key', { key: STOLEN }],
    ['at the moment of the theft', { at: UNTIL }],
    ['from before the time asked about', { at: '2025-11-30T23:59:59Z' }],
    ['of another role', { role: 'web-app-2' }],
    ['that a service made, which stands in the place of the address', { ip: 'cloudformation.amazonaws.com' }],
    ['that a service made from the caller’s address', { invokedBy: 'athena.amazonaws.com' }],
  ])('leave out a call %s', async (_, parts) => {
    const { calls, addresses } = await counted([call(), call(parts)])
    expect([calls, addresses[0]?.calls]).toEqual([1, 1])
  })

  it.each([
    ['2001:db8::7', ['2001:db8::7', '2001:0DB8:0000:0000:0000:0000:0000:0007', '2001:db8:0:0:0:0:0:7']],
    ['2001:DB8:0:0::7', ['2001:db8::7', '2001:db8:0::0:7']],
    ['198.51.100.7', ['198.51.100.7', '::ffff:198.51.100.7', '::FFFF:C633:6407']],
    ['::ffff:198.51.100.7', ['198.51.100.7']],
    ['::1', ['0:0:0:0:0:0:0:1', '::1']],
    ['10.0.0.5', ['::ffff:a00:5', '::ffff:0a00:0005']],
  ])('of %s are those from each of its spellings', async (address, spellings) => {
    const others = ['2001:db8::77', '2001:db8:7::', '198.51.100.70', '198.51.100.8', '::ffff:198.51.100.70', '2001:db8::1:7']
    const documents = [...spellings, ...others].map((ip, index) => call({ ip, at: `2026-02-2${index % 2}T10:00:00Z` }))
    const { calls, addresses } = await counted(documents, [address])
    expect(calls).toBe(documents.length)
    expect(addresses).toMatchObject([{ address, calls: spellings.length, days: Math.min(2, spellings.length) }])
  })

  it('are none where the records have none, and an address that is none has none', async () => {
    const none = { calls: 0, days: 0, sessions: [] }
    expect(await counted([], [ADDRESS])).toMatchObject({ calls: 0, addresses: [{ address: ADDRESS, ...none }] })
    const { calls, addresses } = await counted([call()], ["x' OR '1'='1", '203.0.113.77'])
    expect([calls, ...addresses]).toMatchObject([1, none, none])
  })

  it('of a role whose name and path hold SQL’s own characters are counted, because its unique id is asked for', async () => {
    const role = 'it\'s--a"role;%_'
    const path = {
      userIdentity: {
        type: 'AssumedRole',
        principalId: 'AROAEXAMPLEODD01:i-1',
        accessKeyId: KEY,
        arn: `arn:aws:sts::1:assumed-role/${role}/i-1`,
      },
    }
    const { calls, addresses } = await counted([call({ more: path }), call()], [ADDRESS], { role: { id: 'AROAEXAMPLEODD01' } })
    expect([calls, addresses[0]?.sessions]).toEqual([1, [{ untrusted: 'i-1' }]])
  })

  it('are not asked for when the id of the role is none', async () => {
    await expect(counted([call()], [ADDRESS], { role: { id: "AROA' OR '1'='1" } })).rejects.toMatchObject({ kind: 'usage' })
  })

  it('count an event once, however often it was delivered', async () => {
    const twice = call({ id: 'the-same' })
    expect(await counted([twice, twice, call()])).toMatchObject({ calls: 2, addresses: [{ calls: 2 }] })
  })

  it('name some sessions and count all of them', async () => {
    const documents = Array.from({ length: 30 }, (_, index) => call({ session: `job-${index}` }))
    const { addresses } = await counted(documents)
    expect(addresses[0]?.sessions).toHaveLength(20)
    expect(addresses[0]?.sessionCount).toBe(30)
  })

  it('are those of the records, whatever the records are', async () => {
    const one = fc.record({
      ip: fc.constantFrom(ADDRESS, '::ffff:198.51.100.7', '2001:db8::7', '203.0.113.9', 'ec2.amazonaws.com'),
      key: fc.constantFrom(STOLEN, KEY),
      role: fc.constantFrom('web-app', 'other'),
      at: fc.constantFrom('2025-11-30T00:00:00Z', '2026-02-28T23:59:59Z', '2026-03-01T11:59:59Z', '2026-03-01T12:00:00Z'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(one, { maxLength: 8 }), async (calls) => {
        const own = calls.filter(
          ({ key, role, at, ip }) => key === KEY && role === 'web-app' && at >= FROM && at < UNTIL && !ip.startsWith('ec2'),
        )
        const from = own.filter(({ ip }) => ip.endsWith(ADDRESS))
        const seen = await counted(calls.map(call), [ADDRESS, '2001:db8:0::7'])
        expect(seen.calls).toBe(own.length)
        expect(seen.addresses.map((use) => use.calls)).toEqual([from.length, own.filter(({ ip }) => ip === '2001:db8::7').length])
        expect(seen.addresses[0]?.days).toBe(new Set(from.map(({ at }) => at.slice(0, 10))).size)
      }),
      { numRuns: 25 },
    )
  })
})

describe('a count', () => {
  const slow = { looks: 1_000, bytes: () => 4_000_000_000 }

  it('is one query, with its values beside the text', async () => {
    const { history, queries, calls } = await athena([call()])
    await history.count(asked(), limits())
    expect(queries).toHaveLength(1)
    expect(queries[0]?.text).not.toMatch(/AROA|ASIA|198\.51/)
    expect(calls).toEqual([
      'GetTableMetadata',
      'StartQueryExecution',
      'GetQueryExecution',
      'GetQueryExecution',
      'GetQueryExecution',
      'GetQueryResults',
    ])
  })

  it('that has not ended at the deadline is stopped, and says what it had read', async () => {
    for (const place of [athena, lake]) {
      const { history, queries, clock } = await place([call()], slow)
      const began = Date.parse(clock.now())
      await expect(history.count(asked(), limits({ within: 60 }))).rejects.toMatchObject({
        kind: 'unavailable',
        what: expect.stringMatching(/ did not answer in 1 min$/),
        why: 'the query was stopped; it had read 4.0 GB',
      })
      expect(queries.map(({ state }) => state)).toEqual(['CANCELLED'])
      expect(Date.parse(clock.now()) - began).toBe(60_000)
    }
  })

  it('that cannot be stopped at the deadline is named, because it is billed', async () => {
    const before = (operation: string) => {
      if (operation === 'StopQueryExecution') throw new ServiceError('AccessDeniedException', 'not authorized')
    }
    const { history } = await athena([call()], { ...slow, before })
    await expect(history.count(asked(), limits())).rejects.toMatchObject({
      why: expect.stringContaining('could not be stopped: it goes on'),
    })
  })

  it('is stopped when the run is interrupted', async () => {
    const controller = new AbortController()
    const before = (operation: string) => {
      if (operation === 'GetQueryExecution') controller.abort(new Error('Ctrl-C'))
    }
    const { history, queries } = await athena([call()], { ...slow, before })
    await expect(history.count(asked(), limits({ signal: controller.signal }))).rejects.toThrow('Ctrl-C')
    await expect.poll(() => queries.map(({ state }) => state)).toEqual(['CANCELLED'])
  })

  it('is not waited for when a call hangs', async () => {
    const hanging: RoleHistory = athenaRoleHistory({
      ...{ client: { send: () => new Promise(() => {}) } as never, table: TABLE, newToken },
      clock: askingConfig({ connection }).clock,
    })
    await expect(hanging.count(asked(), limits({ within: -10 }))).rejects.toMatchObject({ what: 'Athena did not answer in 0 s' })
  })

  it('ends when it has read more than it may', async () => {
    const { history, queries } = await athena([call()], slow, { mostBytes: 1_000_000 })
    await expect(history.count(asked(), limits())).rejects.toMatchObject({ what: 'Athena has read 4.0 GB, and may read 1.0 MB' })
    expect(queries.map(({ state }) => state)).toEqual(['CANCELLED'])
  })

  it.each(['GetTableMetadata', 'StartQueryExecution'])(
    'that is refused at %s says what is missing, or does without it',
    async (denied) => {
      const before = (operation: string) => {
        if (operation === denied) throw new ServiceError('AccessDeniedException', `not authorized to perform athena:${denied}`)
      }
      const { history } = await athena([call()], { before })
      const counting = history.count(asked(), limits())
      if (denied === 'GetTableMetadata') expect(await counting).toMatchObject({ calls: 1 })
      else
        await expect(counting).rejects.toMatchObject({
          kind: 'identity',
          remedy: expect.stringContaining('athena:StartQueryExecution'),
        })
    },
  )

  it('of a table without partition projection says that days may be missing', async () => {
    const { history } = await athena([call()], { table: { ...DESCRIBED, Parameters: {} } })
    expect(await history.count(asked(), limits())).toMatchObject({
      incomplete: [expect.stringContaining('no partition projection')],
    })
  })
})

describe('the query of a count', () => {
  const TABLES = [
    athenaTable(TABLE),
    athenaTable(TABLE, new Set()),
    athenaTable(TABLE, DOCUMENTED, true),
    lakeStore({ id: STORE }),
  ]
  const query = roleCallsQuery

  it.each(TABLES)('is one SELECT of Trino, with a mark for each value in a WHERE clause: %#', (dialect) => {
    const { text, values } = query(dialect, asked([ADDRESS, '2001:db8::7']))
    expect(faultsInTrino(text.replaceAll(STORE, `"${STORE}"`))).toEqual([])
    expect(text).toMatch(/^SELECT [^;]*$/)
    const clauses = text.match(/\bWHERE\b.*?(?=\) AS events\b|\bGROUP BY\b|$)/g) ?? []
    expect(clauses.join('').split('?')).toHaveLength(values.length + 1)
    expect(text.split('?')).toHaveLength(values.length + 1)
  })

  it('reads the days from the first to the last, and the account’s own partitions where the table has them', () => {
    const days = ['2025/11/30', '2026/03/02']
    expect(query(athenaTable(TABLE), asked()).values.slice(0, 2)).toEqual(days)
    const { text, values } = query(athenaTable(TABLE, DOCUMENTED, true), asked())
    expect(text).toContain('"account" = ?')
    expect(values).toEqual(expect.arrayContaining([...days, '111122223333']))
  })

  it('reads no column but those that it needs: CloudTrail Lake is paid by them', () => {
    const { text } = query(lakeStore({ id: STORE }), asked())
    expect(text).not.toMatch(/eventjson|requestparameters|useragent|errorcode|eventname/)
  })
})
