/** Something that will happen in the account by itself: a state change, an agent's ping, a call of the attacker. */
export interface Occurrence {
  readonly at: number
  readonly happen: () => void
}

/** What is due, in time order. The account works it off before each call, up to the virtual now. */
export interface Agenda {
  add(at: number, happen: () => void): void
  /** Runs everything due at or before `now` (ms), earliest first, including what those add. */
  runUntil(now: number): void
  /** The time (ms) that things see while an occurrence runs: its own `at`; otherwise undefined. */
  currentTime(): number | undefined
}

export const createAgenda = (): Agenda => {
  const due: Occurrence[] = []
  let current: number | undefined
  const takeFirst = (now: number): Occurrence | undefined => {
    let first = -1
    for (const [index, { at }] of due.entries()) {
      if (at <= now && (first < 0 || at < (due[first]?.at ?? Infinity))) first = index
    }
    return first < 0 ? undefined : due.splice(first, 1)[0]
  }
  return {
    add: (at, happen) => {
      due.push({ at, happen })
    },
    runUntil: (now) => {
      if (current !== undefined) return
      for (let next = takeFirst(now); next; next = takeFirst(now)) {
        current = next.at
        next.happen()
      }
      current = undefined
    },
    currentTime: () => current,
  }
}

/** The time (ms) as things in the account see it: that of the occurrence under way, else the clock's. */
export const timeIn = (account: { readonly agenda: Agenda; readonly clock: { now(): number } }): number =>
  account.agenda.currentTime() ?? account.clock.now()
