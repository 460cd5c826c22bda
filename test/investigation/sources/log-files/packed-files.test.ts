import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { fileOnDisk, type GroupLimits, parquetRows } from '../../../../src/investigation/sources/log-files/containers/parquet.ts'
import { LARGEST_PARQUET } from '../../../../src/investigation/sources/log-files/scan-parts.ts'
import { delivered, gzipped, idsIn, idsOf, scanFor, stolenCall, strangerCall, theKey, writeLogs } from './logs.ts'
import { temporaryFolder } from './temporary.ts'

const calls = Array.from({ length: 6 }, () => stolenCall())
const documents = [strangerCall(), ...calls]
const text = delivered(documents)
const [head, tail] = [delivered(documents.slice(0, 3)), delivered(documents.slice(3))]

type Members = Readonly<Record<string, Uint8Array>>

const tar = (members: Members): Buffer => {
  const blocks = Object.entries(members).flatMap(([name, content]) => {
    const header = Buffer.alloc(512)
    header.write(name, 0)
    header.write(content.length.toString(8).padStart(11, '0'), 124)
    header.write('        0', 148)
    const sum = header.reduce((total, byte) => total + byte, 0)
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]
  })
  return Buffer.concat([...blocks, Buffer.alloc(1024)])
}

/** `isStreamed`: the sizes stand behind the data, as a program writes them that does not know them before. */
const zip = (members: Members, isStreamed = false, flags = 0): Buffer => {
  const parts = Object.entries(members).flatMap(([name, content]) => {
    const data = deflateRawSync(content)
    const header = Buffer.alloc(30)
    header.writeUInt32LE(0x04034b50, 0)
    header.writeUInt16LE(flags | (isStreamed ? 8 : 0), 6)
    header.writeUInt16LE(8, 8)
    if (!isStreamed) header.writeUInt32LE(data.length, 18)
    header.writeUInt16LE(name.length, 26)
    const descriptor = Buffer.alloc(isStreamed ? 16 : 0)
    if (isStreamed) descriptor.writeUInt32LE(0x08074b50, 0)
    return [header, Buffer.from(name), data, descriptor]
  })
  return Buffer.concat([...parts, Buffer.from('504b0102', 'hex'), Buffer.alloc(60)])
}

/** Made with bzip2, xz and zstd: node:zlib writes none of them. */
const packedBy = (program: string): Buffer | undefined => {
  try {
    return execFileSync(program, ['-c'], { input: text })
  } catch {
    return undefined
  }
}

const scanned = async (content: Uint8Array, name = 'records.bin') => {
  const folder = temporaryFolder()
  writeLogs(folder, { [name]: content })
  const { states, bad, events } = await scanFor([folder])
  return { ids: idsIn(states[0]), why: bad.map(({ why }) => why), events }
}

const all = { ids: idsOf(calls), why: [], events: documents.length }

const PACKED: Readonly<Record<string, Uint8Array>> = {
  'gzip in gzip': gzipSync(gzipped(text)),
  'UTF-16, little-endian, with a byte order mark': Buffer.from(`\uFEFF${text}`, 'utf16le'),
  'UTF-16, little-endian': Buffer.from(text, 'utf16le'),
  'UTF-16, big-endian': Buffer.from(text, 'utf16le').swap16(),
  'UTF-16, compressed': gzipSync(Buffer.from(text, 'utf16le')),
  'a zip archive': zip({ 'a/one.json': Buffer.from(head), 'a/two.json.gz': gzipped(tail) }),
  'a zip archive that was written as a stream': zip({ 'one.json': Buffer.from(head), 'two.json': Buffer.from(tail) }, true),
  'a tar archive': tar({ 'one.json': Buffer.from(head), 'b/two.json.gz': gzipped(tail) }),
  'a compressed tar archive': gzipSync(tar({ 'one.json': Buffer.from(text) })),
  'a tar archive in a zip archive': zip({ 'x.tar': tar({ 'one.json': gzipped(text) }) }),
}

const writtenAsParquet = async (rows: string, options: string): Promise<string> => {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const file = join(temporaryFolder(), 'records.parquet')
  const made = await (await DuckDBInstance.create(':memory:')).connect()
  await made.run(`COPY (${rows}) TO '${file}' (FORMAT parquet, ${options})`)
  made.closeSync()
  return file
}

const rowsRead = async (path: string, limits: Partial<GroupLimits> = {}) => {
  const faults: string[] = []
  const disk = fileOnDisk(path, statSync(path).size)
  let [count, bytes] = [0, 0]
  const slice = (start: number, end = disk.byteLength) => {
    bytes += end - start
    return disk.slice(start, end)
  }
  const largest = { stored: 2 ** 26, decompressed: 2 ** 28, ...limits }
  for await (const some of parquetRows({ ...disk, slice }, (fault) => faults.push(fault), largest)) count += some.length
  disk.close()
  return { count, faults, bytes }
}

/** Puts a hole before the end of a Parquet file, which says where its columns stand. */
const widen = async (path: string, by: number): Promise<void> => {
  const bytes = readFileSync(path)
  const footer = bytes.subarray(bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8))
  const file = await open(path, 'r+')
  await file.write(footer, 0, footer.length, bytes.length - footer.length + by)
  await file.write(Buffer.alloc(footer.length), 0, footer.length, bytes.length - footer.length)
  await file.close()
}

describe('a Parquet file', () => {
  it.each(['gzip', 'zstd', 'snappy'])('that is compressed with %s has its rows read as records', async (compression) => {
    const { DuckDBInstance } = await import('@duckdb/node-api')
    const folder = temporaryFolder()
    const [lines = ''] = writeLogs(folder, { 'made.jsonl': documents.map((document) => JSON.stringify(document)).join('\n') })
    const made = await (await DuckDBInstance.create(':memory:')).connect()
    const file = join(folder, 'records.parquet')
    await made.run(`COPY (SELECT * FROM read_json_auto('${lines}')) TO '${file}' (FORMAT parquet, COMPRESSION ${compression})`)
    made.closeSync()
    const { states, bad, events } = await scanFor([file])
    expect({ ids: idsIn(states[0]), why: bad.map(({ why }) => why), events }).toEqual(all)
  })

  it('on a disk is read row group by row group: a group that is too large is named, and the others are read', async () => {
    const rows = "SELECT i, CASE WHEN i < 4096 THEN md5(i::VARCHAR) ELSE 'x' END AS text FROM range(8192) t(i)"
    const file = await writtenAsParquet(rows, 'ROW_GROUP_SIZE 2048, COMPRESSION zstd')
    expect(await rowsRead(file)).toMatchObject({ count: 8192, faults: [] })
    const large = expect.stringContaining('with a row group of more than')
    expect(await rowsRead(file, { stored: 20_000 })).toMatchObject({ count: 4096, faults: [large, large] })
  })

  it('is not read where a row group is small in the file and large in memory', async () => {
    const repeated = await writtenAsParquet("SELECT repeat('x', 100000) || i AS text FROM range(100) t(i)", 'COMPRESSION zstd')
    const large = expect.stringMatching(/with a row group of more than 1 MB decompressed: write it with smaller ones$/)
    expect(statSync(repeated).size).toBeLessThan(100_000)
    expect(await rowsRead(repeated, { decompressed: 2 ** 20 })).toMatchObject({ count: 0, faults: [large] })
    const equal = await writtenAsParquet("SELECT 'x' AS text FROM range(200000) t(i)", 'ROW_GROUP_SIZE 204800')
    expect(statSync(equal).size).toBeLessThan(10_000)
    expect(await rowsRead(equal, { decompressed: 2 ** 20 })).toMatchObject({ count: 0, faults: [large] })
  })

  it('has each row group read once, however many rows it has', async () => {
    const file = await writtenAsParquet('SELECT md5(i::VARCHAR) AS text FROM range(40000) t(i)', 'ROW_GROUP_SIZE 40960')
    const { count, bytes } = await rowsRead(file)
    expect(count).toBe(40_000)
    expect(bytes).toBeLessThan(2 * statSync(file).size)
  })

  const OTHER_ROWS = {
    'that names the principal': [
      `SELECT 'by ${theKey.value}' AS text FROM range(9) t(i)`,
      /^It holds no CloudTrail record in a form/,
    ],
    'of something else': ["SELECT i, 'x' AS text FROM range(9) t(i)", /^It holds no CloudTrail record\.$/],
  } as const

  it.each(Object.entries(OTHER_ROWS))('without CloudTrail records %s is named, at any size', async (_, [rows, sentence]) => {
    const file = await writtenAsParquet(rows, 'COMPRESSION zstd')
    const small = await scanFor([file])
    expect(small.bad.map(({ why }) => why)).toEqual([expect.stringMatching(sentence)])
    await widen(file, LARGEST_PARQUET)
    const large = await scanFor([file])
    expect(large.bad.map(({ why }) => why)).toEqual([expect.stringMatching(sentence)])
  })

  it('that is damaged is named', async () => {
    const { why } = await scanned(Buffer.from('PAR1 and no more PAR1'))
    expect(why).toEqual([expect.stringMatching(/^Its Parquet data cannot be read/)])
  })
})

describe('a packed file', () => {
  it.each(Object.entries(PACKED))('that is %s is read like the files in it', async (_, content) => {
    expect(await scanned(content)).toEqual(all)
  })

  it.each(['bzip2', 'xz', 'zstd'])('by %s is read like the file in it', async (program) => {
    const content = packedBy(program)
    // Where the program is not installed there is nothing to compare with.
    if (content) expect(await scanned(content)).toEqual(all)
  })

  it('is named with the member that cannot be read, and the others are read', async () => {
    const content = zip({ 'one.json': Buffer.from(text), 'readme.txt': Buffer.from('Read me first') })
    expect(await scanned(content)).toEqual({ ...all, why: ['readme.txt: It is not JSON.'] })
  })

  it('is named when it is encrypted', async () => {
    const { why } = await scanned(zip({ 'one.json': Buffer.from(text) }, false, 1))
    expect(why).toEqual(['one.json: It is encrypted: unpack it with its password.'])
  })

  it('that is a truncated tar archive is read up to its end', async () => {
    const content = tar({ 'one.json': Buffer.from(text), 'two.json': Buffer.from(head) })
    const { ids, why } = await scanned(content.subarray(0, 512 + 512 * Math.ceil(text.length / 512) + 700))
    expect(ids).toEqual(idsOf(calls))
    expect(why.join(' ')).toContain('Its tar data is truncated.')
  })

  it('of gzip with bytes behind its end is read whole and named', async () => {
    const { ids, why } = await scanned(Buffer.concat([gzipped(text), Buffer.from('garbage!!')]))
    expect(ids).toEqual(idsOf(calls))
    expect(why).toEqual(['9 bytes after its gzip data are not gzip. 7 events in it were read.'])
  })

  it('of several gzip members is read on behind one that is damaged', async () => {
    const damaged = Buffer.from(gzipped(head))
    damaged.fill(0xff, 40, 80)
    const { ids, why } = await scanned(Buffer.concat([damaged, gzipped(tail)]))
    expect(ids).toEqual(expect.arrayContaining(idsOf(documents.slice(3))))
    expect(why.join(' ')).toContain('Its gzip data is damaged')
  })
})
