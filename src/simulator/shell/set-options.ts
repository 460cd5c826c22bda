const LONG_NAMES: ReadonlyMap<string, string> = new Map([
  ['errexit', 'e'],
  ['nounset', 'u'],
  ['xtrace', 'x'],
])

/** Does what `set -eu` asks for; gives the option that the shell does not have (`-o pipefail` is none of dash's). */
export const setOptions = (args: readonly string[], options: Set<string>): string | undefined => {
  const rest = [...args]
  for (let argument = rest.shift(); argument !== undefined && /^[-+]./.test(argument); argument = rest.shift()) {
    for (const letter of argument.slice(1)) {
      const name = letter === 'o' ? (rest.shift() ?? '') : undefined
      const option = name === undefined ? letter : LONG_NAMES.get(name)
      if (option === undefined || !'eux'.includes(option)) return name === undefined ? `-${letter}` : `-o ${name}`
      if (argument.startsWith('-')) options.add(option)
      else options.delete(option)
    }
  }
  return undefined
}
