import type { ByteReader } from './byte-reader.ts'
import { limited, restOf } from './byte-reader.ts'
import { inflated, type ReportFault, withoutBombs } from './inflate.ts'

/** A file in an archive. Its contents have to be read before the next one. */
export interface ArchiveMember {
  readonly name: string
  /** Its contents; what is wrong with them is reported while they are read. */
  open(report: ReportFault): AsyncIterable<Buffer>
}

const BLOCK = 512

/** Whether the bytes begin with the header of a tar archive: its checksum tells. */
export const isTar = (bytes: Buffer): boolean => {
  if (bytes.length < BLOCK) return false
  const sum = octal(bytes, 148, 8)
  let real = 0
  for (let at = 0; at < BLOCK; at += 1) real += at >= 148 && at < 156 ? 0x20 : (bytes[at] ?? 0)
  return sum > 0 && sum === real
}

/** Up to the first zero byte. */
const textAt = (bytes: Buffer, at: number, length: number): string =>
  bytes.toString('utf8', at, at + length).split('\0', 1)[0] ?? ''

const octal = (bytes: Buffer, at: number, length: number): number => {
  if ((bytes[at] ?? 0) & 0x80) return Number(bytes.readBigUInt64BE(at + length - 8))
  return Number.parseInt(textAt(bytes, at, length).trim(), 8) || 0
}

/** The files of a tar archive ("pax Interchange Format", with GNU's long names). */
export async function* tarMembers(reader: ByteReader, report: ReportFault): AsyncGenerator<ArchiveMember> {
  let longName: string | undefined
  for (;;) {
    const header = await reader.take(BLOCK)
    if (header.length === 0 || header.every((byte) => byte === 0)) return
    if (!isTar(header)) return report('its tar data is damaged')
    const size = octal(header, 124, 12)
    const type = String.fromCharCode(header[156] ?? 0)
    const isLongName = type === 'L' || type === 'x'
    const after = reader.taken() + Math.ceil(size / BLOCK) * BLOCK
    if (isLongName && size < 2 ** 16) longName = nameIn(await reader.take(size), type) ?? longName
    else if (type === '0' || type === '\0' || type === '7') {
      yield { name: longName ?? tarName(header), open: () => limited(reader, size) }
      longName = undefined
    }
    if (!(await skipTo(reader, after))) return report('its tar data is truncated')
  }
}

const nameIn = (contents: Buffer, type: string): string | undefined =>
  type === 'L' ? textAt(contents, 0, contents.length) : /^\d+ path=(.*)$/m.exec(contents.toString('utf8'))?.[1]

const tarName = (header: Buffer): string => {
  const prefix = textAt(header, 257, 5) === 'ustar' ? textAt(header, 345, 155) : ''
  return prefix === '' ? textAt(header, 0, 100) : `${prefix}/${textAt(header, 0, 100)}`
}

const skipTo = async (reader: ByteReader, position: number): Promise<boolean> => {
  for await (const _ of limited(reader, position - reader.taken()));
  return reader.taken() >= position
}

const LOCAL_HEADER = 0x04034b50
const DESCRIPTOR = 0x08074b50
const [STORED, DEFLATED] = [0, 8]
const [ENCRYPTED, HAS_DESCRIPTOR] = [1, 8]
const ZIP64 = 0xffffffff

/** Whether the bytes begin as a zip archive does, an empty one too. */
export const isZip = (bytes: Buffer): boolean =>
  bytes.length >= 4 && [LOCAL_HEADER, 0x06054b50, DESCRIPTOR].includes(bytes.readUInt32LE(0))

/** The files of a zip archive ("APPNOTE.TXT - .ZIP File Format Specification"), one after the other as they stand in it. */
export async function* zipMembers(reader: ByteReader, report: ReportFault): AsyncGenerator<ArchiveMember> {
  for (;;) {
    const signature = await reader.peek(4)
    if (signature.length < 4) return report('its zip data is truncated')
    if (signature.readUInt32LE(0) !== LOCAL_HEADER) return
    const header = await reader.take(30)
    if (header.length < 30) return report('its zip data is truncated')
    const entry = await entryIn(reader, header)
    if (entry.name.endsWith('/')) for await (const _ of limited(reader, entry.size));
    else yield* memberOf(reader, entry)
    if (entry.flags & HAS_DESCRIPTOR) await skipDescriptor(reader, entry)
    else if (!(await skipTo(reader, entry.end))) return report('its zip data is truncated')
  }
}

interface ZipEntry {
  readonly name: string
  readonly flags: number
  readonly method: number
  /** Compressed; 0 where a descriptor behind the data says it. */
  readonly size: number
  readonly isZip64: boolean
  readonly end: number
}

const entryIn = async (reader: ByteReader, header: Buffer): Promise<ZipEntry> => {
  const name = (await reader.take(header.readUInt16LE(26))).toString('utf8')
  const extra = await reader.take(header.readUInt16LE(28))
  const isZip64 = header.readUInt32LE(18) === ZIP64
  const size = isZip64 ? sizeIn(extra) : header.readUInt32LE(18)
  const flags = header.readUInt16LE(6)
  return { name, flags, method: header.readUInt16LE(8), size, isZip64, end: reader.taken() + size }
}

/** The compressed size in the extra field of a large file: after the size of its contents. */
const sizeIn = (extra: Buffer): number => {
  for (let at = 0; at + 20 <= extra.length; at += 4 + extra.readUInt16LE(at + 2))
    if (extra.readUInt16LE(at) === 1) return Number(extra.readBigUInt64LE(at + 12))
  return 0
}

async function* memberOf(reader: ByteReader, { name, flags, method, size }: ZipEntry): AsyncGenerator<ArchiveMember> {
  if (flags & ENCRYPTED) yield unreadable(name, 'it is encrypted: unpack it with its password')
  else if (method === STORED && !(flags & HAS_DESCRIPTOR)) yield { name, open: () => limited(reader, size) }
  else if (method === DEFLATED) yield { name, open: (report) => deflated(reader, report) }
  else yield unreadable(name, 'it is packed in a way that ir-cred does not read: unpack the archive')
}

const deflated = (reader: ByteReader, report: ReportFault): AsyncIterable<Buffer> => {
  const begun = reader.taken()
  const contents = inflated(reader, (why) => report(`its zip data is ${why}`))
  return withoutBombs(contents, () => reader.taken() - begun, report)
}

const unreadable = (name: string, fault: string): ArchiveMember => ({
  name,
  open: (report) => {
    report(fault)
    return nothing()
  },
})

const skipDescriptor = async (reader: ByteReader, { isZip64 }: ZipEntry): Promise<void> => {
  const size = isZip64 ? 20 : 12
  const isSigned = (await reader.peek(4)).equals(Buffer.from([0x50, 0x4b, 0x07, 0x08]))
  await reader.take(isSigned ? size + 4 : size)
}

async function* nothing(): AsyncGenerator<Buffer> {}

/** All of an archive that was not read. */
export const drain = async (reader: ByteReader): Promise<void> => {
  for await (const _ of restOf(reader));
}
