/** Texts, each once, numbered in the order in which they came. */
export interface TextTable {
  readonly texts: string[]
  /** By whatever tells them apart. */
  readonly numbers: Map<string, number>
}

export const textTable = (): TextTable => ({ texts: [], numbers: new Map() })

/** The number of the text that is known by the name; `text` is only made when it is new. */
export const textNumber = ({ texts, numbers }: TextTable, name: string, text: () => string): number => {
  const known = numbers.get(name)
  if (known !== undefined) return known
  numbers.set(name, texts.length)
  return texts.push(text()) - 1
}

/** The texts as lines (a text has no line break in it), and where each starts, and the last one ends. */
export const packTexts = (texts: readonly string[]): { readonly text: Buffer; readonly starts: Buffer } => {
  let at = 0
  const starts = texts.map((text) => {
    at += Buffer.byteLength(text) + 1
    return at
  })
  return { text: Buffer.from(`${texts.join('\n')}\n`), starts: uint32s([0, ...starts]) }
}

/** Whole numbers as 4 bytes each. */
export const uint32s = (values: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length)
  values.forEach((value, index) => {
    bytes.writeUInt32LE(value, 4 * index)
  })
  return bytes
}
