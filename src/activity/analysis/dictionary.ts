/** Values told apart by a text and numbered in the order in which they came. */
export interface Dictionary<T> {
  readonly values: T[]
  readonly numbers: Map<string, number>
}

export const dictionary = <T>(): Dictionary<T> => ({ values: [], numbers: new Map() })

/** Parts as one text, told apart from every other parts. */
export const joined = (...parts: readonly (string | undefined)[]): string => parts.join('\u0000')

/** The number of the value with this text; a new one is made. */
export const numberOf = <T>({ values, numbers }: Dictionary<T>, text: string, make: () => T): number => {
  const known = numbers.get(text)
  if (known !== undefined) return known
  values.push(make())
  numbers.set(text, values.length - 1)
  return values.length - 1
}

/** Takes over the values of another dictionary; gives for each of their numbers the number here. */
export const takeOver = <T>(into: Dictionary<T>, other: Dictionary<T>): readonly number[] => {
  const translation: number[] = []
  for (const [text, number] of other.numbers) {
    const value = other.values[number]
    if (value !== undefined) translation[number] = numberOf(into, text, () => value)
  }
  return translation
}
