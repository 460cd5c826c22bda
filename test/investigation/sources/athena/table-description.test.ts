import type { TableMetadata } from '@aws-sdk/client-athena'
import type { DuckDBConnection } from '@duckdb/node-api'
import { beforeAll, describe, expect, it } from 'vitest'
import { openAthena } from '../../../../src/aws/open-clients.ts'
import { DOCUMENTED, quotedName, tableNameIn } from '../../../../src/investigation/sources/athena/athena-table.ts'
import { describeTable } from '../../../../src/investigation/sources/athena/table-description.ts'

import { ServiceError } from '../../../../src/simulator/call.ts'
import { DESCRIBED } from '../../../support/duckdb-athena.ts'
import { openTrino } from '../../../support/duckdb-trino.ts'
import { askingConfig, TABLE } from '../sql/asking.ts'

let connection: DuckDBConnection
beforeAll(async () => {
  connection = await openTrino()
})

const described = async (table: Partial<TableMetadata>, error?: ServiceError) => {
  const before = () => {
    if (error) throw error
  }
  const { config } = askingConfig({ connection, table: { ...DESCRIBED, ...table }, before })
  return describeTable(await openAthena('eu-west-1', config), TABLE)
}

const withColumns = (change: (columns: NonNullable<TableMetadata['Columns']>) => NonNullable<TableMetadata['Columns']>) =>
  described({ Columns: change(DESCRIBED.Columns ?? []) })

describe('a table', () => {
  it('a table as ir-cred prints it has everything', async () => {
    expect(await described({})).toEqual({
      parts: new Set([
        ...['ec2roledelivery', 'sourceidentity', 'vpcendpointid', 'vpcendpointaccountid', 'eventcategory', 'additionaleventdata'],
        ...['requestid', 'addendum'],
      ]),
      limits: [],
      gaps: [],
      hasAccounts: false,
    })
  })

  it.each([
    ['s3://trail/AWSLogs/<account>/CloudTrail/<region>/<timestamp>', true],
    ['s3://trail/AWSLogs/o-abcde12345/<account>/CloudTrail/<region>/<timestamp>', true],
    ['s3://trail/AWSLogs/<account>/<folder>/<region>/<timestamp>', true],
    ['s3://trail/copies/<account>/<timestamp>', false],
    ['s3://trail/AWSLogs/111122223333/CloudTrail/eu-west-1/<timestamp>', false],
  ])('a table over %s has the accounts by their ids: %s', async (place, hasAccounts) => {
    const template = place.replaceAll('<', '$\u007b').replaceAll('>', '}')
    const Parameters = { 'projection.enabled': 'true', 'storage.location.template': template }
    expect(await described({ Parameters })).toMatchObject({ hasAccounts })
  })

  it('a table of former years is used all the same, and what it cannot show is said', async () => {
    const old = (columns: NonNullable<TableMetadata['Columns']>) =>
      columns
        .filter(({ Name = '' }) => !/^(eventcategory|additionaleventdata|vpcendpointaccountid|requestid|addendum)$/.test(Name))
        .map((column) => (column.Name === 'useridentity' ? { Name: 'userIdentity', Type: 'struct<type:string>' } : column))
    const { parts, limits } = await withColumns(old)
    expect(parts).toEqual(new Set(['vpcendpointid']))
    expect(limits).toEqual([
      'The Athena table has no ec2roledelivery: it cannot tell IMDSv1 from IMDSv2.',
      'The Athena table has no sourceidentity: source identities are not shown.',
      'The Athena table has no vpcendpointaccountid: the account of a VPC endpoint is not shown.',
      'The Athena table has no additionaleventdata: bytes that were transferred are not counted.',
      'The Athena table has no eventcategory: data events are recognised by their API alone.',
      'The Athena table has no requestid: a call through a VPC endpoint of which the network activity was recorded too counts twice.',
      'The Athena table has no addendum: a record that CloudTrail delivered again with more in it counts twice.',
    ])
  })

  it.each([
    ['s3://trail/AWSLogs/<account>/CloudTrail/<region>/<timestamp>', [expect.stringContaining('network activity events')]],
    ['s3://trail/AWSLogs/<account>/<folder>/<region>/<timestamp>', []],
  ])('a table over %s says whether it leaves network activity events out', async (place, limits) => {
    const template = place.replaceAll('<', '$\u007b').replaceAll('>', '}')
    const Parameters = { 'projection.enabled': 'true', 'storage.location.template': template }
    expect((await described({ Parameters })).limits).toEqual(limits)
  })

  it('a table without partition projection may miss days, and says so', async () => {
    const { limits, gaps } = await described({ Parameters: {} })
    expect(gaps).toEqual(limits)
    expect(limits).toEqual([expect.stringContaining('days whose partitions nobody has added are missing')])
  })

  it('a table that is not partitioned by the day is refused: every query would read all of it', async () => {
    await expect(described({ PartitionKeys: [{ Name: 'region', Type: 'string' }] })).rejects.toMatchObject({
      kind: 'usage',
      what: '"logs"."trail" is not a table of CloudTrail records by the day, as AWS documents it',
      remedy: expect.stringContaining('--print-athena-table'),
    })
  })

  it.each([
    [
      'of something else',
      'useridentity, eventname',
      ({ Name }: { Name: string | undefined }) => !/useridentity|eventname/.test(Name ?? ''),
    ],
  ])('%s is refused', async (_, missing, keep) => {
    await expect(withColumns((columns) => columns.filter(keep))).rejects.toThrow(`it has no column ${missing}`)
  })

  it('a table with times that are no text is refused', async () => {
    const timestamps = (columns: NonNullable<TableMetadata['Columns']>) =>
      columns.map((column) => (column.Name === 'eventtime' ? { ...column, Type: 'timestamp' } : column))
    await expect(withColumns(timestamps)).rejects.toThrow('its eventtime is not text but timestamp')
  })

  it('a table that does not exist is reported', async () => {
    const error = new ServiceError('MetadataException', 'EntityNotFoundException: Entity Not Found')
    await expect(described({}, error)).rejects.toMatchObject({ kind: 'usage', what: expect.stringContaining('no such table') })
  })

  it.each(['AccessDeniedException', 'MetadataException'])(
    'a table whose description may not be read is taken for the one that AWS documents: %s',
    async (code) => {
      const error = new ServiceError(code, 'User is not authorized to perform: glue:GetTable')
      expect((await described({}, error)).parts).toBe(DOCUMENTED)
    },
  )
})

describe('a name', () => {
  it('is database.table', () => {
    expect(tableNameIn('Logs.CloudTrail_2026')).toEqual({ database: 'logs', table: 'cloudtrail_2026' })
    expect(quotedName(tableNameIn('my-logs.trail'))).toBe('"my-logs"."trail"')
  })

  it.each(['trail', 'a.b.c', 'logs.', '.trail', 'logs.tr"ail', 'logs.trail;drop', 'logs.träil', 'logs. trail', ''])(
    'is not %j',
    (text) => {
      expect(() => tableNameIn(text)).toThrow('is not the name of an Athena table')
    },
  )
})
