type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

/** The same object without the members that are undefined, for types whose optional members may be missing but not undefined. */
export const given = <T extends object>(members: T): Given<T> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Given<T>
