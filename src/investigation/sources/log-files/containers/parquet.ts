import type { AsyncBuffer } from 'hyparquet'
import type { ReportFault } from './inflate.ts'

/** Rows that are in memory at the same time. */
const ROWS = 5_000

/** The rows of a Parquet file, as objects of JSON's types. The reader is loaded only for one. */
export async function* parquetRows(file: AsyncBuffer, report: ReportFault): AsyncGenerator<readonly unknown[]> {
  const [{ parquetMetadataAsync, parquetReadObjects }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ])
  try {
    const metadata = await parquetMetadataAsync(file)
    const rows = Number(metadata.num_rows)
    for (let rowStart = 0; rowStart < rows; rowStart += ROWS) {
      const rowEnd = Math.min(rows, rowStart + ROWS)
      yield (await parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd })).map((row) => plain(row, 40))
    }
  } catch (error) {
    report(`its Parquet data cannot be read (${error instanceof Error ? error.message : String(error)})`)
  }
}

/** Numbers of 64 bits and times are not of JSON's types. */
const plain = (value: unknown, depth: number): unknown => {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('utf8')
  if (Array.isArray(value)) return depth === 0 ? [] : value.map((item) => plain(item, depth - 1))
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return {}
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner, depth - 1)]))
}
