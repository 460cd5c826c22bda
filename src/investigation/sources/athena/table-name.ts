import { Failure } from '../../../incident/values/failure.ts'
import { quoted } from '../../../incident/values/quoted.ts'

/** A table of the AWS Glue Data Catalog. */
export interface TableName {
  readonly database: string
  readonly table: string
}

/** Athena's own rule is stricter ("Name databases, tables, and columns"); AWS Glue makes databases with a hyphen too. */
const NAME = /^[a-z0-9_][a-z0-9_-]{0,254}$/

/** Reads `database.table`. Throws a Failure of kind 'usage' for anything else. */
export const tableNameIn = (text: string): TableName => {
  const [database = '', table = '', ...more] = text.toLowerCase().split('.')
  if (more.length === 0 && NAME.test(database) && NAME.test(table)) return { database, table }
  throw new Failure({
    kind: 'usage',
    what: `${quoted(text)} is not the name of an Athena table`,
    why: 'it has the form database.table, of lower-case letters, digits and underscores',
    remedy: 'give --athena database.table; ir-cred investigate --print-athena-table prints a table to create',
  })
}

/** The name as a query has it, each part quoted. */
export const quotedName = ({ database, table }: TableName): string => `"${database}"."${table}"`
