import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

type Value = string | number | { readonly [name: string]: Value }

const MAP = 7
const TEXT = 2
const UINT32 = 6

const control = (type: number, size: number): Buffer =>
  size < 29 ? Buffer.from([(type << 5) | size]) : Buffer.from([(type << 5) | 29, size - 29])

const encode = (value: Value): Buffer => {
  if (typeof value === 'string') return Buffer.concat([control(TEXT, Buffer.byteLength(value)), Buffer.from(value)])
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return Buffer.concat([control(UINT32, 4), bytes])
  }
  const entries = Object.entries(value)
  return Buffer.concat([control(MAP, entries.length), ...entries.flatMap(([name, inner]) => [encode(name), encode(inner)])])
}

const METADATA_MARK = Buffer.from('abcdef4d61784d696e642e636f6d', 'hex')
const SEPARATOR = Buffer.alloc(16)

/**
 * The bytes of a MaxMind database of IPv4 addresses ("MaxMind DB File Format Specification"): one row for all addresses,
 * and another one for 9.9.9.9 alone.
 */
export const tinyDatabase = (row: Value, exception: Value = row, databaseType = 'Tiny'): Buffer => {
  const rows = [encode(row), encode(exception)] as const
  const path = [...'00001001'.repeat(4)]
  const usual = path.length + SEPARATOR.length
  const tree = path.map((bit, node) => {
    const onwards = node + 1 < path.length ? node + 1 : usual + rows[0].length
    const records = bit === '0' ? [onwards, usual] : [usual, onwards]
    const bytes = Buffer.alloc(6)
    for (const [index, record] of records.entries()) bytes.writeUIntBE(record, index * 3, 3)
    return bytes
  })
  const metadata = encode({
    ...{ binary_format_major_version: 2, binary_format_minor_version: 0, build_epoch: 1_764_028_800 },
    ...{ database_type: databaseType, ip_version: 4, node_count: path.length, record_size: 24 },
  })
  return Buffer.concat([...tree, SEPARATOR, ...rows, METADATA_MARK, metadata])
}

/** A file for the length of a test. */
export const fileOf = (bytes: Buffer | string, name = 'own.mmdb'): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ir-cred-geography-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const path = join(folder, name)
  writeFileSync(path, bytes)
  return path
}
