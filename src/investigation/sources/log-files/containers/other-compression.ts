import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { type ByteReader, restOf } from './byte-reader.ts'
import type { ReportFault } from './inflate.ts'

/** The contents of an xz file. The decompressor is WebAssembly, and loaded only for one. */
export async function* unxzed(reader: ByteReader, report: ReportFault): AsyncGenerator<Buffer> {
  const { XzReadableStream } = await import('xz-decompress')
  const source = Readable.toWeb(Readable.from(restOf(reader))) as ReadableStream<Uint8Array>
  const output = new XzReadableStream(source as never).getReader()
  try {
    for (let piece = await output.read(); !piece.done; piece = await output.read())
      // The decompressor uses its memory again.
      yield Buffer.from(piece.value)
  } catch (error) {
    report(`its xz data is truncated or damaged (${error instanceof Error ? error.message : String(error)})`)
  }
}

/** The contents of a Zstandard file. The decompressor is loaded only for one. */
export async function* unzstded(reader: ByteReader, report: ReportFault): AsyncGenerator<Buffer> {
  const { Decompress } = await import('fzstd')
  const pieces: Buffer[] = []
  const engine = new Decompress((chunk: Uint8Array) => void pieces.push(Buffer.from(chunk)))
  try {
    for await (const chunk of restOf(reader)) {
      engine.push(chunk)
      yield* pieces.splice(0)
    }
    engine.push(new Uint8Array(0), true)
    yield* pieces.splice(0)
  } catch (error) {
    yield* pieces.splice(0)
    report(`its zstd data is truncated or damaged (${error instanceof Error ? error.message : String(error)})`)
  }
}

/** UTF-16 as UTF-8. */
export async function* fromUtf16(reader: ByteReader, encoding: 'utf-16le' | 'utf-16be'): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding)
  for await (const chunk of restOf(reader)) yield Buffer.from(decoder.decode(chunk, { stream: true }))
  yield Buffer.from(decoder.decode())
}
