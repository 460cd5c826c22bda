import type { Option } from 'commander'
import { Failure } from '../incident/values/failure.ts'
import { collect, collectPlaces, collectRegions } from './options.ts'

/** Refuses, in words, what commander takes without one: an option in the place of another's value, and a second value of an option that holds one. */
export const refuseWrongValues = (options: readonly Option[]): void => {
  const names = new Set(options.flatMap(({ long, short }) => [long, short]))
  for (const option of options) {
    if (!isRepeatable(option)) refuseRepetition(option)
    if (option.required) refuseOption(option, names)
  }
}

const REPEATABLE: ReadonlySet<unknown> = new Set([collect, collectPlaces, collectRegions])

const isRepeatable = ({ required, optional, parseArg }: Option): boolean => !(required || optional) || REPEATABLE.has(parseArg)

/** Where a value is missing commander would take the option that follows for it. */
const refuseOption = (option: Option, names: ReadonlySet<string | undefined>): void => {
  const { parseArg } = option
  option.argParser((value: string, before: unknown) => {
    if (names.has(value))
      throw new Failure({
        kind: 'usage',
        what: `${option.long ?? option.flags} has no value: ${value} is another option`,
        remedy: `give a value after ${option.long ?? option.flags}`,
      })
    return parseArg ? parseArg(value, before) : value
  })
}

/** Of an option that holds one value commander would take the last and say nothing. */
const refuseRepetition = (option: Option): void => {
  const { parseArg } = option
  let given = false
  option.argParser((value: string, before: unknown) => {
    if (given)
      throw new Failure({
        kind: 'usage',
        what: `${option.long ?? option.flags} was given more than once`,
        remedy: 'give it once: it holds one value',
      })
    given = true
    return parseArg ? parseArg(value, before) : value
  })
}
