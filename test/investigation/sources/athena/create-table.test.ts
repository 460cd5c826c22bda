import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createTable, type TrailLogs } from '../../../../src/investigation/sources/athena/create-table.ts'
import { HOSTILE } from '../../../support/hostile-strings.ts'
import { instant } from '../../analysis/records.ts'
import { faultsInHive, faultsInTrino } from '../sql/grammar.ts'

const LOGS: TrailLogs = {
  table: { database: 'logs', table: 'trail' },
  bucket: 'my-trail-bucket',
  accounts: ['111122223333'],
  regions: ['eu-west-1', 'us-east-1'],
  from: instant('2026-01-01T00:00:00Z'),
}

/** What partition projection fills in. */
const PARTS = '{account}/{folder}/{region}/{timestamp}'.replaceAll('{', '${')

const ORGANISATION: Partial<TrailLogs> = {
  prefix: 'security/cloudtrail',
  accounts: ['111122223333', '444455556666'],
  organizationId: 'o-exampleorgid',
}

describe('the statement that makes a table', () => {
  it.each([{}, ORGANISATION, { regions: ['us-gov-west-1', 'eusc-de-east-1'] }])(
    'is one of Hive, which Athena’s DDL is: %o',
    (changes) => {
      const text = createTable({ ...LOGS, ...changes })
      expect(faultsInHive(text)).toEqual([])
      // Trino's own grammar has no external tables: it would accept no CREATE TABLE of Athena.
      expect(faultsInTrino(text)).not.toEqual([])
    },
  )

  it('finds the log files where CloudTrail puts them', () => {
    expect(createTable(LOGS)).toContain("LOCATION 's3://my-trail-bucket/AWSLogs/'")
    expect(createTable(LOGS)).toContain(`'storage.location.template' = 's3://my-trail-bucket/AWSLogs/${PARTS}'`)
    expect(createTable({ ...LOGS, ...ORGANISATION })).toContain(
      `'s3://my-trail-bucket/security/cloudtrail/AWSLogs/o-exampleorgid/${PARTS}'`,
    )
  })

  it('knows the days, the accounts and the Regions by itself', () => {
    const text = createTable({ ...LOGS, ...ORGANISATION })
    expect(text).toContain("'projection.timestamp.range' = '2026/01/01,NOW'")
    expect(text).toContain("'projection.account.values' = '111122223333,444455556666'")
    expect(text).toContain("'projection.region.values' = 'eu-west-1,us-east-1'")
  })

  it('is the one in the documentation', () => {
    expect(readFileSync('docs/athena.md', 'utf8')).toContain(`\`\`\`sql\n${createTable(LOGS)}\`\`\`\n`)
  })

  it.each([
    [{ bucket: "b' LOCATION 's3://x" }, 'the name of a bucket'],
    [{ bucket: 'Bucket' }, 'the name of a bucket'],
    [{ prefix: "a'b" }, 'the prefix of a trail'],
    [{ accounts: [] }, 'an account'],
    [{ accounts: ['111122223333', '1'] }, 'an account'],
    [{ regions: [] }, 'a Region'],
    [{ regions: ['eu-west-1,us-east-1'] }, 'a Region'],
    [{ organizationId: 'r-1234' }, 'the id of an organisation'],
  ])('is not made of what cannot be: %o', (changes, what) => {
    expect(() => createTable({ ...LOGS, ...changes })).toThrow(`is not ${what}`)
  })

  it('stays the same statement, whatever its parts are', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(...Object.values(HOSTILE)),
      fc.constantFrom('a/b', 'x-y'),
    )
    fc.assert(
      fc.property(texts, fc.constantFrom('bucket', 'prefix', 'organizationId'), (text, part) => {
        const made = madeOf({ ...LOGS, [part]: text })
        if (made === undefined) return
        expect(made.match(/'/g)).toHaveLength((createTable(LOGS).match(/'/g) ?? []).length)
        expect(made).toMatch(/^[ -~\n]+$/)
      }),
      { numRuns: 500 },
    )
  })
})

const madeOf = (logs: TrailLogs): string | undefined => {
  try {
    return createTable(logs)
  } catch {
    return undefined
  }
}
