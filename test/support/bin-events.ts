import type { Ran } from './run-bin.ts'

/** An event of `--json`, with the members that tests look at. */
export interface BinEvent {
  readonly type: string
  readonly stage?: string
  readonly status?: string
  readonly effects?: readonly { readonly operation: string; readonly resource: string; readonly sentence: string }[]
  readonly fact?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly [member: string]: unknown
}

/** The last event of a run. */
export interface EndedEvent {
  readonly type: string
  readonly ending: string
  readonly exitCode: number
  readonly incident: string
  readonly writes: number
  readonly unproven: readonly string[]
  readonly alarms: readonly string[]
  readonly report?: string
  readonly continueWith?: string
}

/** Every line of standard output as JSON; throws when one is not. */
export const eventsOf = ({ stdout }: Pick<Ran, 'stdout'>): readonly BinEvent[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

export const endedOf = (ran: Pick<Ran, 'stdout'>): EndedEvent => eventsOf(ran).at(-1) as unknown as EndedEvent

/** Every stage that was gone through to an answer, in order, with what its last assessment was. */
export const stagesEntered = (ran: Pick<Ran, 'stdout'>): readonly (string | undefined)[] =>
  eventsOf(ran)
    .filter(({ type }) => type === 'entered')
    .map(({ stage }) => stage)

/** The stages that were established, whenever: what is read beside a change is established when it is known, before or after it. */
export const stagesEstablished = (ran: Pick<Ran, 'stdout'>): ReadonlySet<string | undefined> =>
  new Set(
    eventsOf(ran)
      .filter(({ type }) => type === 'established')
      .map(({ stage }) => stage),
  )

/** How the commands begin that ir-cred prints when a test starts it: by its file, from the checkout. */
export const IR_CRED = 'node bin/ir-cred.js'

/** The arguments of a command that ir-cred printed, to be run as they stand. */
export const argumentsOf = (command: string): readonly string[] => {
  if (!command.startsWith(`${IR_CRED} `)) throw new Error(`${command} is no command of ir-cred`)
  return command.slice(IR_CRED.length + 1).split(' ')
}
