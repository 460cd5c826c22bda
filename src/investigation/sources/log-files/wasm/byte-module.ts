import { MODULE } from './module-bytes.ts'

/** A WebAssembly module that unpacks files and searches them. Numbers are places in its memory, in bytes. */
export interface ByteModule {
  readonly memory: Buffer
  /** Unpacks deflate data. Gives the bytes of output; -1 for data that are damaged, end elsewhere or do not fit. */
  inflate(from: number, end: number, to: number, limit: number): number
  /** The CRC-32 of the bytes as a signed number of 32 bits. */
  crc32(from: number, end: number): number
  /** Sets the text at an index, one of MOST_TEXTS. `pair` is where in it two bytes are that are rare together. */
  setText(index: number, text: number, length: number, pair: number): void
  /**
   * Finds the texts at `count` indexes from `first` on in one pass. Writes the places where each stands, four bytes each and at most `most`
   * of each text, one text behind the other.
   */
  findAll(first: number, count: number, from: number, end: number, places: number, most: number): void
  /**
   * Finds the brackets and braces of JSON outside of strings. Writes numbers of four bytes: by how much they change the depth, the least and
   * the most change on the way, and of each bracket twice the place, plus 1 for one that closes. Gives four times the number of brackets,
   * plus 1 where the bytes end inside a string, plus 2 where the byte behind them is escaped.
   */
  findBrackets(from: number, end: number, isInString: number, places: number): number
  /** How many places of the text at an index were found. */
  placesOf(index: number): number
}

/** So many texts are held at once. */
export const MOST_TEXTS = 17

/** What this program uses of the JavaScript API of WebAssembly, which Node's types do not have. */
interface WebAssemblyApi {
  readonly Memory: new (size: { readonly initial: number; readonly maximum: number }) => { readonly buffer: ArrayBuffer }
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => { readonly exports: Omit<ByteModule, 'memory'> }
}

/** Memory is reserved in pages of this size, and takes room when it is first written to. Bytes. */
const PAGE = 2 ** 16

/**
 * Starts the module with a memory of its own. Undefined where it does not run: by a processor without SIMD, where WebAssembly is switched
 * off, and where so much memory may not be reserved.
 */
export const startByteModule = (size: number): ByteModule | undefined => {
  const { WebAssembly } = globalThis as { readonly WebAssembly?: WebAssemblyApi }
  if (!WebAssembly) return undefined
  try {
    const pages = Math.ceil(size / PAGE)
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    compiled ??= new WebAssembly.Module(Buffer.from(MODULE, 'base64'))
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory } })
    return { ...exports, memory: Buffer.from(memory.buffer) }
  } catch {
    return undefined
  }
}

/** V8 improves the code while it runs: each memory of a thread uses the same. */
let compiled: object | undefined
