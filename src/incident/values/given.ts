type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** The same object without the members that are undefined, for types whose optional members may be missing but not undefined. */
export const given = <T extends object>(members: T): Given<T> => {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(members)) if (value !== undefined) kept[name] = value
  return kept as Given<T>
}
