import { StartQueryExecutionCommand } from '@aws-sdk/client-athena'
import { describe, expect, it } from 'vitest'
import { openAthena } from '../../../../src/aws/open-clients.ts'
import { openTrino } from '../../../support/duckdb-trino.ts'
import { askingConfig } from './asking.ts'

describe('the read-only guard', () => {
  it.each([
    'CREATE TABLE x AS SELECT 1',
    'INSERT INTO logs.trail SELECT * FROM logs.trail',
    "UNLOAD (SELECT 1) TO 's3://elsewhere/' WITH (format = 'JSON')",
    'DROP TABLE logs.trail',
    'select 1',
  ])('lets no statement to Athena but a SELECT of ours: %s', async (QueryString) => {
    const { config, queries } = askingConfig({ connection: await openTrino() })
    const client = await openAthena('eu-west-1', config)
    await expect(client.send(new StartQueryExecutionCommand({ QueryString }))).rejects.toThrow('not in the table of API calls')
    expect(queries).toEqual([])
  })
})
