import { describe, expect, it } from 'vitest'
import { openAthena } from '../../../../src/aws/open-clients.ts'
import { questionOf } from '../../../../src/investigation/question.ts'
import { athenaSource } from '../../../../src/investigation/sources/athena/athena-source.ts'
import { makeTable, openTrino } from '../../../support/duckdb-trino.ts'
import { documentOf, instant, theKey } from '../../analysis/records.ts'
import { askingConfig, newToken, stateFrom, TABLE } from './asking.ts'

const scope = { from: instant('2026-03-01T00:00:00Z'), until: instant('2026-03-02T00:00:00Z') }

const reportOver = async (records: readonly unknown[]) => {
  const connection = await openTrino()
  await makeTable(connection, '"logs"."trail"', records)
  const { config, clock } = askingConfig({ connection })
  const client = await openAthena('eu-west-1', config)
  const { report } = await stateFrom(athenaSource({ client, clock, table: TABLE, newToken }), questionOf(theKey, { scope }))
  return report
}

const other = (at: string, region: string, account: string, more: object = {}) =>
  documentOf({ at, region, key: 'ASIASOMEBODY00000001', more: { recipientAccountId: account, ...more } })

describe('what the records of a table cover', () => {
  it('is said of everybody’s: accounts, Regions, the first and the last, and data events', async () => {
    const { coverage } = await reportOver([
      documentOf({ at: '2026-03-01T12:00:00Z' }),
      other('2026-01-01T03:00:00Z', 'eu-west-1', '444455556666'),
      other('2026-03-02T20:00:00Z', 'ap-south-1', '444455556666', { eventCategory: 'Data' }),
    ])
    expect(coverage).toMatchObject({
      accounts: ['111122223333', '444455556666'],
      regions: expect.arrayContaining(['ap-south-1', 'eu-west-1']),
      ...{ firstRecord: '2026-01-01T03:00:00Z', lastRecord: '2026-03-02T20:00:00Z', isSpanExact: true },
      ...{ hasDataEvents: true, notCovered: [] },
    })
  })

  it('names the times that were asked for and of which nobody has a record', async () => {
    const { coverage } = await reportOver([
      documentOf({ at: '2026-02-10T12:00:00Z' }),
      documentOf({ at: '2026-02-20T12:00:00Z' }),
    ])
    expect(coverage?.hasDataEvents).toBe(false)
    expect(coverage?.notCovered).toEqual([
      expect.stringMatching(/^there is no record of anybody between 2026-01-01T00:00:00Z and 2026-02-10T12:00:00Z/),
      expect.stringMatching(/^there is no record of anybody between 2026-02-20T12:00:00Z and 2026-03-03T00:00:00Z/),
    ])
  })

  it('is no answer where there is no record at all', async () => {
    await expect(reportOver([documentOf({ at: '2025-03-01T12:00:00Z' })])).rejects.toMatchObject({
      kind: 'usage',
      what: expect.stringMatching(/^there is no CloudTrail record in Athena table logs.trail from 2026-01-01T00:00:00Z/),
    })
  })
})
