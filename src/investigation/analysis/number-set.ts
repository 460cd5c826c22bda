/** A set of whole numbers from 0 to just before `length`: a byte each. */
export interface NumberSet {
  readonly length: number
  readonly size: number
  has(number: number): boolean
  add(number: number): void
}

export const numberSet = (length: number): NumberSet => {
  const marks = new Uint8Array(length)
  let size = 0
  return {
    length,
    get size() {
      return size
    },
    has: (number) => marks[number] === 1,
    add: (number) => {
      if (marks[number] === 0) size += 1
      marks[number] = 1
    },
  }
}
