import { closeSync, openSync, readSync } from 'node:fs'
import type { AsyncBuffer } from 'hyparquet'
import type { ReportFault } from './inflate.ts'

/** Rows that are in memory at the same time. */
const ROWS = 5_000

/** A row group is in memory while its rows are read. Bytes. */
const LARGEST_GROUP = 64 * 2 ** 20

/**
 * The rows of a Parquet file, as objects of JSON's types, row group by row group. A group of more bytes than `largest` is left out and
 * reported. The reader is loaded only for one.
 */
export async function* parquetRows(
  file: AsyncBuffer,
  report: ReportFault,
  largest: number = LARGEST_GROUP,
): AsyncGenerator<readonly unknown[]> {
  const [{ parquetMetadataAsync, parquetReadObjects }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ])
  let first = 0
  try {
    const metadata = await parquetMetadataAsync(file)
    for (const { num_rows, columns } of metadata.row_groups) {
      const end = first + Number(num_rows)
      const bytes = columns.reduce((sum, { meta_data }) => sum + Number(meta_data?.total_compressed_size ?? 0), 0)
      if (bytes > largest)
        report(
          `it is a Parquet file with a row group of more than ${Math.floor(largest / 2 ** 20)} MB: write it with smaller ones`,
        )
      for (let rowStart = bytes > largest ? end : first; rowStart < end; rowStart += ROWS) {
        const rowEnd = Math.min(end, rowStart + ROWS)
        yield (await parquetReadObjects({ file, metadata, compressors, rowStart, rowEnd })).map((row) => plain(row, 40))
      }
      first = end
    }
  } catch (error) {
    report(`its Parquet data cannot be read (${error instanceof Error ? error.message : String(error)})`)
  }
}

/** A file on disk as the reader asks for it: only what it asks for is read. Close it at the end. */
export const fileOnDisk = (path: string, byteLength: number): AsyncBuffer & { readonly close: () => void } => {
  const file = openSync(path, 'r')
  return {
    byteLength,
    slice: (start, end = byteLength) => {
      const bytes = new Uint8Array(Math.max(0, Math.min(end, byteLength) - start))
      let filled = 0
      while (filled < bytes.length) {
        const read = readSync(file, bytes, filled, bytes.length - filled, start + filled)
        if (read === 0) throw new Error('the file became shorter')
        filled += read
      }
      return bytes.buffer
    },
    close: () => closeSync(file),
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
