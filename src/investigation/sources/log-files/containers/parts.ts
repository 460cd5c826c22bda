import { type ArchiveMember, drain, tarMembers, zipMembers } from './archives.ts'
import { bunzipped } from './bunzip.ts'
import { type ByteReader, byteReader } from './byte-reader.ts'
import { HEAD, kindOf } from './file-kind.ts'
import { gunzipped, type ReportFault, withoutBombs } from './inflate.ts'
import { fromUtf16, unxzed, unzstded } from './other-compression.ts'

/** A file of text, or a Parquet file, out of what it is packed in. Its contents have to be read before the next part. */
export interface FilePart {
  /** Names of the members of archives that lead to it; empty for the file itself. */
  readonly path: readonly string[]
  readonly contents: ByteReader
  readonly isParquet: boolean
  /** Why it could not be read, or not whole, once its contents were read: clauses. */
  readonly faults: string[]
}

/** Archives in archives are read up to this depth. */
const DEEPEST = 6

/** Takes a file out of its compression and archives; gives one part for each file in it. */
export async function* partsOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<FilePart> {
  yield* unpacked(byteReader(chunks), [], [], DEEPEST)
}

type Decoder = (reader: ByteReader, report: ReportFault) => AsyncGenerator<Buffer>

const DECODERS: Readonly<Record<string, Decoder>> = {
  gzip: gunzipped,
  bzip2: (reader, report) => bounded(bunzipped, reader, report),
  xz: (reader, report) => bounded(unxzed, reader, report),
  zstd: (reader, report) => bounded(unzstded, reader, report),
  'utf-16le': (reader) => fromUtf16(reader, 'utf-16le'),
  'utf-16be': (reader) => fromUtf16(reader, 'utf-16be'),
}

const bounded = (decoder: Decoder, reader: ByteReader, report: ReportFault): AsyncGenerator<Buffer> => {
  const begun = reader.taken()
  return withoutBombs(decoder(reader, report), () => reader.taken() - begun, report)
}

async function* unpacked(reader: ByteReader, path: readonly string[], faults: string[], depth: number): AsyncGenerator<FilePart> {
  const file = kindOf(await reader.peek(HEAD))
  const report: ReportFault = (fault) => void (faults.includes(fault) || faults.push(fault))
  if (file.kind === 'text' || file.kind === 'parquet')
    yield { path, contents: reader, faults, isParquet: file.kind === 'parquet' }
  else if (file.kind === 'foreign' || depth === 0) {
    report(file.kind === 'foreign' ? file.fault : `it is packed more than ${DEEPEST} times: unpack it`)
    await drain(reader)
    yield { path, contents: reader, faults, isParquet: false }
  } else if (file.kind === 'zip') yield* membersOf(zipMembers(reader, report), path, faults, depth)
  else if (file.kind === 'tar') yield* membersOf(tarMembers(reader, report), path, faults, depth)
  else {
    const decoder = DECODERS[file.kind]
    if (decoder) yield* unpacked(byteReader(decoder(reader, report)), path, faults, depth - 1)
  }
}

/** The parts of an archive; what is wrong with the archive itself comes last. */
async function* membersOf(
  members: AsyncGenerator<ArchiveMember>,
  path: readonly string[],
  faults: string[],
  depth: number,
): AsyncGenerator<FilePart> {
  let count = 0
  for await (const member of members) {
    if (isHidden(member.name)) continue
    count += 1
    const own: string[] = []
    const contents = byteReader(member.open((fault) => void own.push(fault)))
    yield* unpacked(contents, [...path, member.name], own, depth - 1)
  }
  if (count === 0 && faults.length === 0) faults.push('there is no file in it')
  if (faults.length > 0) yield { path, contents: byteReader(nothing()), faults, isParquet: false }
}

/** macOS puts such files beside each file in a zip archive. */
const isHidden = (name: string): boolean => /(?:^|\/)(?:\.|__MACOSX\/)/.test(name)

async function* nothing(): AsyncGenerator<Buffer> {}
