/** A piece of the source without which a trap is not handled: `find` stands once in the file, and a mutant has `replace` in its place. */
export interface Mutation {
  /** As seen from the root of the repository. */
  readonly file: string
  readonly find: string
  readonly replace: string
}

/** What came of a trap: what the product did, put together from its run, and what had to be true of it. */
export interface Seen {
  readonly did: string
  readonly checks: Readonly<Record<string, boolean>>
}

/** A situation from the field in which the obvious tool does harm, gives a wrong answer, or hangs. */
export interface Trap {
  readonly id: string
  readonly situation: string
  /** What the obvious tool does. */
  readonly naive: string
  /** Drives the whole product into the situation. */
  readonly meet: () => Promise<Seen>
  readonly mutation: Mutation
}

/** A trap that was met: handled when nothing failed and nothing was thrown. */
export interface MetTrap {
  readonly trap: Trap
  readonly did: string
  /** The checks that were not true. */
  readonly failed: readonly string[]
  /** What the product threw instead of coming to an end. */
  readonly threw?: string
}

/** Drives the product into a trap. Never throws: what the product throws is part of the answer. */
export const meetTrap = async (trap: Trap): Promise<MetTrap> => {
  try {
    const { did, checks } = await trap.meet()
    const failed = Object.entries(checks).flatMap(([check, isTrue]) => (isTrue ? [] : [check]))
    return { trap, did, failed }
  } catch (error) {
    return { trap, did: '', failed: [], threw: error instanceof Error ? (error.stack ?? error.message) : String(error) }
  }
}

export const isHandled = ({ failed, threw }: MetTrap): boolean => failed.length === 0 && threw === undefined
