/** Values that are stored once and referred to by number (dictionary encoding), in the order in which they came. */
export interface Dictionary<T> {
  readonly values: T[]
  /** By a text that only this value has. */
  readonly numbers: Map<string, number>
  /** By a part of that text, the value that was met last with it. This saves building the text for nearly every record. */
  readonly recent: Map<string, number>
}

export const dictionary = <T>(): Dictionary<T> => ({ values: [], numbers: new Map(), recent: new Map() })

/** How the entries of a dictionary are compared, keyed and made, from what they are looked up with. */
export interface EntryRules<T, From> {
  recentBy(from: From): string
  isSame(known: T, from: From): boolean
  key(from: From): string
  make(from: From): T
}

/** The number of the value; a new one is made. */
export const numberOfEntry = <T, From>(dictionary: Dictionary<T>, rules: EntryRules<T, From>, from: From): number => {
  const recentKey = rules.recentBy(from)
  const recent = dictionary.recent.get(recentKey)
  const known = recent === undefined ? undefined : dictionary.values[recent]
  if (recent !== undefined && known !== undefined && rules.isSame(known, from)) return recent
  const number = numberOfKey(dictionary, rules.key(from), () => rules.make(from))
  dictionary.recent.set(recentKey, number)
  return number
}

const numberOfKey = <T>({ values, numbers }: Dictionary<T>, text: string, make: () => T): number => {
  const known = numbers.get(text)
  if (known !== undefined) return known
  values.push(make())
  numbers.set(text, values.length - 1)
  return values.length - 1
}

/** Parts as one text that no other parts give. */
export const joined = (...parts: readonly (string | undefined)[]): string => parts.join('\u0000')

/** Adds the values of another dictionary; gives for each of its numbers the number here. */
export const mergeDictionary = <T>(into: Dictionary<T>, other: Dictionary<T>): readonly number[] => {
  const translation: number[] = []
  for (const [text, number] of other.numbers) {
    const value = other.values[number]
    if (value !== undefined) translation[number] = numberOfKey(into, text, () => value)
  }
  return translation
}
