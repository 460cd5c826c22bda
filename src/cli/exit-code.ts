import type { Ending } from '../incident/entry.ts'
import type { FailureKind } from '../incident/values/failure.ts'

/** The only table of exit codes: a contract that scripts rely on. */
export const EXIT = {
  finished: 0,
  bug: 1,
  usage: 2,
  declined: 3,
  identity: 4,
  blocked: 5,
  unconfirmed: 6,
  unavailable: 7,
  interrupted: 130,
} as const satisfies Record<FailureKind | 'finished' | 'bug', number>

export const exitCodeOf = (kind: FailureKind): number => EXIT[kind]

/** The word for a run that ended with this kind of failure. */
export const endingOf = (kind: FailureKind): Ending => {
  switch (kind) {
    case 'declined':
      return 'declined'
    case 'interrupted':
      return 'interrupted'
    case 'blocked':
    case 'unconfirmed':
      return 'blocked'
    case 'usage':
    case 'identity':
    case 'unavailable':
      return 'failed'
  }
}
