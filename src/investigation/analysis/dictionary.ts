/** Values numbered in the order in which they came. */
export interface Dictionary<T> {
  readonly values: T[]
  /** By a text that tells the value apart from every other one. */
  readonly numbers: Map<string, number>
  /** By a part of that text: the value met last with this part. It saves writing the text for nearly every record. */
  readonly recent: Map<string, number>
}

export const dictionary = <T>(): Dictionary<T> => ({ values: [], numbers: new Map(), recent: new Map() })

/** How values of a kind are told apart, and made, from what a dictionary is asked with. */
export interface EntryRules<T, From> {
  recentBy(from: From): string
  isSame(known: T, from: From): boolean
  key(from: From): string
  make(from: From): T
}

/** The number of the value; a new one is made. */
export const numberOfEntry = <T, From>(dictionary: Dictionary<T>, kind: EntryRules<T, From>, from: From): number => {
  const hint = kind.recentBy(from)
  const recent = dictionary.recent.get(hint)
  const known = recent === undefined ? undefined : dictionary.values[recent]
  if (recent !== undefined && known !== undefined && kind.isSame(known, from)) return recent
  const number = numberOfKey(dictionary, kind.key(from), () => kind.make(from))
  dictionary.recent.set(hint, number)
  return number
}

const numberOfKey = <T>({ values, numbers }: Dictionary<T>, text: string, make: () => T): number => {
  const known = numbers.get(text)
  if (known !== undefined) return known
  values.push(make())
  numbers.set(text, values.length - 1)
  return values.length - 1
}

/** Parts as one text, told apart from every other parts. */
export const joined = (...parts: readonly (string | undefined)[]): string => parts.join('\u0000')

/** Takes over the values of another dictionary; gives for each of their numbers the number here. */
export const mergeDictionary = <T>(into: Dictionary<T>, other: Dictionary<T>): readonly number[] => {
  const translation: number[] = []
  for (const [text, number] of other.numbers) {
    const value = other.values[number]
    if (value !== undefined) translation[number] = numberOfKey(into, text, () => value)
  }
  return translation
}
