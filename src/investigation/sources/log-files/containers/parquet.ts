import { closeSync, openSync, readSync } from 'node:fs'
import type { AsyncBuffer, ColumnMetaData, Compressors, RowGroup } from 'hyparquet'
import type { ReportFault } from './inflate.ts'

/** Rows that are in memory at the same time. */
const ROWS = 5_000

/** A row group is in memory while its rows are read. Bytes as stored, and decompressed. */
export interface GroupLimits {
  readonly stored: number
  readonly decompressed: number
}

const LARGEST_GROUP: GroupLimits = { stored: 64 * 2 ** 20, decompressed: 256 * 2 ** 20 }
/** A value takes as much in memory at least: equal values in a row take nothing in the file. Bytes. */
const VALUE = 8

/**
 * The rows of a Parquet file, as objects of JSON's types, row group by row group: each is read once. A group that is larger than `largest`,
 * or that cannot be read, is left out and reported. The reader is loaded only for one.
 */
export async function* parquetRows(
  file: AsyncBuffer,
  report: ReportFault,
  largest: GroupLimits = LARGEST_GROUP,
): AsyncGenerator<readonly unknown[]> {
  const [{ parquetMetadataAsync, parquetReadObjects }, { compressors }] = await Promise.all([
    import('hyparquet'),
    import('hyparquet-compressors'),
  ])
  let rowStart = 0
  try {
    const metadata = await parquetMetadataAsync(file)
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows)
      const tooLarge = whyTooLarge(group, largest)
      if (tooLarge !== undefined) report(tooLarge)
      else {
        const bounded = boundedBy(largest.decompressed, compressors)
        const rows = await parquetReadObjects({ file, metadata, compressors: bounded, rowStart, rowEnd }).catch(reported(report))
        for (let at = 0; at < rows.length; at += ROWS) yield rows.slice(at, at + ROWS).map((row) => plain(row, 40))
      }
      rowStart = rowEnd
    }
  } catch (error) {
    reported(report)(error)
  }
}

const reported =
  (report: ReportFault) =>
  (error: unknown): never[] => {
    report(`its Parquet data cannot be read (${error instanceof Error ? error.message : String(error)})`)
    return []
  }

const whyTooLarge = ({ num_rows, columns }: RowGroup, { stored, decompressed }: GroupLimits): string | undefined => {
  const sumOf = (sizeOf: (column: ColumnMetaData) => bigint): number =>
    columns.reduce((sum, { meta_data }) => sum + Number(meta_data ? sizeOf(meta_data) : 0), 0)
  if (sumOf((column) => column.total_compressed_size) > stored) return largerThan(stored, '')
  const values = Math.max(
    sumOf((column) => column.num_values),
    Number(num_rows) * columns.length,
  )
  const inMemory = Math.max(
    sumOf((column) => column.total_uncompressed_size),
    values * VALUE,
  )
  return inMemory > decompressed ? largerThan(decompressed, ' decompressed') : undefined
}

const largerThan = (bytes: number, how: string): string =>
  `it is a Parquet file with a row group of more than ${Math.floor(bytes / 2 ** 20)} MB${how}: write it with smaller ones`

/** The decompressors of one row group: what its pages hold can be more than the file says. */
const boundedBy = (most: number, compressors: Compressors): Compressors => {
  let left = most
  return Object.fromEntries(
    Object.entries(compressors).map(([codec, decompress]) => [
      codec,
      (input: Uint8Array, length: number) => {
        left -= length
        if (left < 0) throw new Error('its pages hold more than the file says')
        return decompress(input, length)
      },
    ]),
  )
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
