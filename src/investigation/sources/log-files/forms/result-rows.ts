import type { Json } from '../../../record-parameters.ts'

const objectOf = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined

/**
 * The row that a list of fields stands for: `{ field, value }` as CloudWatch Logs Insights answers, or one object a column as
 * CloudTrail Lake does. Undefined for any other list.
 */
export const rowOfFields = (list: readonly unknown[]): Json | undefined => {
  const fields = list.map(fieldOf)
  if (fields.length < 2 || fields.some((field) => field === undefined)) return undefined
  const row = Object.fromEntries(fields.filter((field) => field !== undefined))
  return Object.keys(row).length === fields.length ? row : undefined
}

const fieldOf = (item: unknown): readonly [string, unknown] | undefined => {
  const object = objectOf(item)
  if (!object) return undefined
  const name = object.field ?? object.Field
  if (typeof name === 'string') return [name, object.value ?? object.Value]
  const [only, ...more] = Object.entries(object)
  return only && more.length === 0 && (typeof only[1] !== 'object' || only[1] === null) ? only : undefined
}

/** The rows of a table that names its columns apart: an answer of Athena (`ResultSet`) or of a Kusto query (`columns`, `rows`). */
export const rowsOfTable = (table: object): readonly Json[] | undefined => {
  const { Rows, columns, rows } = table as Json
  if (Array.isArray(Rows)) return athenaRows(Rows)
  if (!Array.isArray(columns) || !Array.isArray(rows)) return undefined
  const names = columns.map((column) => String(objectOf(column)?.name ?? objectOf(column)?.ColumnName ?? column))
  return rows.filter(Array.isArray).map((row) => rowOf(names, row))
}

const athenaRows = (rows: readonly unknown[]): readonly Json[] | undefined => {
  const [names, ...values] = rows.map((row) => {
    const cells = objectOf(row)?.Data
    return Array.isArray(cells) ? cells.map((cell) => objectOf(cell)?.VarCharValue) : undefined
  })
  return names && values.flatMap((row) => (row ? [rowOf(names.map(String), row)] : []))
}

const rowOf = (names: readonly string[], values: readonly unknown[]): Json =>
  Object.fromEntries(names.map((name, index) => [name, values[index]]))
