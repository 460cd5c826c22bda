/** A list whose rows are made each time that they are asked for, so that a long one is not in memory whole. */
export class RowsOnUse<T> implements Iterable<T> {
  readonly length: number
  readonly #make: (index: number) => T

  constructor(length: number, make: (index: number) => T) {
    this.length = length
    this.#make = make
  }

  *[Symbol.iterator](): Generator<T> {
    for (let index = 0; index < this.length; index += 1) yield this.#make(index)
  }

  /** The rows from one index up to another one, as an array. */
  slice(start = 0, end = this.length): readonly T[] {
    const last = Math.min(end, this.length)
    return Array.from({ length: Math.max(0, last - start) }, (_, index) => this.#make(start + index))
  }

  map<U>(change: (row: T) => U): RowsOnUse<U> {
    return new RowsOnUse(this.length, (index) => change(this.#make(index)))
  }

  toJSON(): readonly T[] {
    return this.slice()
  }
}
