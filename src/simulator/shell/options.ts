/** Which options a command knows: letters that stand alone, letters with a value, and longer names for either. */
export interface OptionNames {
  readonly flags?: string
  readonly valued?: string
  readonly long?: Readonly<Record<string, string>>
}

export interface Options {
  readonly flags: ReadonlySet<string>
  readonly values: ReadonlyMap<string, readonly string[]>
  readonly operands: readonly string[]
  /** The first option the command does not know, or that lacks its value. */
  readonly unfit?: string
}

interface Reading {
  readonly flags: Set<string>
  readonly values: Map<string, string[]>
  readonly operands: string[]
}

const addValue = ({ values }: Reading, name: string, value: string): void => {
  values.set(name, [...(values.get(name) ?? []), value])
}

/** Reads one cluster such as `-sSo/dev/null`; gives the letter that does not fit. */
const readCluster = (letters: string, rest: string[], names: OptionNames, reading: Reading): string | undefined => {
  for (const [index, letter] of [...letters].entries()) {
    if (names.flags?.includes(letter)) {
      reading.flags.add(letter)
      continue
    }
    const value = names.valued?.includes(letter) ? letters.slice(index + 1) || rest.shift() : undefined
    if (value === undefined) return `-${letter}`
    addValue(reading, letter, value)
    return undefined
  }
  return undefined
}

const lettersOf = (argument: string, names: OptionNames): string | undefined => {
  if (!argument.startsWith('--')) return argument.slice(1)
  return names.long && Object.hasOwn(names.long, argument.slice(2)) ? names.long[argument.slice(2)] : undefined
}

/** Reads options and operands in any order, up to `--`. A lone `-` is an operand. */
export const readOptions = (args: readonly string[], names: OptionNames): Options => {
  const reading: Reading = { flags: new Set(), values: new Map(), operands: [] }
  const rest = [...args]
  for (let argument = rest.shift(); argument !== undefined; argument = rest.shift()) {
    if (argument === '--') break
    if (!argument.startsWith('-') || argument === '-') {
      reading.operands.push(argument)
      continue
    }
    const letters = lettersOf(argument, names)
    const unfit = letters === undefined ? argument : readCluster(letters, rest, names, reading)
    if (unfit !== undefined) return { ...reading, unfit }
  }
  reading.operands.push(...rest)
  return reading
}

/** The last value given for an option. */
export const lastValue = (options: Options, name: string): string | undefined => options.values.get(name)?.at(-1)
