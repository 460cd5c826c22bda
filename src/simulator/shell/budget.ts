/** What a script may still use. Whoever may send a command may send any: it must end, and it must not fill the memory. */
export interface ScriptBudget {
  commands: number
  /** Bytes written, into pipes too, and bytes of expanded words. */
  output: number
  /** Steps of pattern matching. */
  matching: number
}

/** A script that used up its budget ends as one that the kernel killed: exit code 137. */
export class Killed extends Error {
  override readonly name = 'Killed'
}

/** What every script starts with. */
export const newBudget = (): ScriptBudget => ({ commands: 10_000, output: 1_048_576, matching: 5_000_000 })

/** Throws Killed when there is not enough left. */
export const spend = (budget: ScriptBudget, what: keyof ScriptBudget, amount: number): void => {
  budget[what] -= amount
  if (budget[what] < 0) throw new Killed(what)
}
