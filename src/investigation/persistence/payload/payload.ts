import type { Gravity } from '../../../incident/facts/gravity.ts'
import type { Span } from '../../../incident/values/block.ts'

/** What an event left in detail: who is let in, which rights are given, which ports are open, what is still recorded. */
export interface Payload {
  /** Completes the sentence on what was left: ", which lets in 999988887777 (outside the account)". */
  readonly says: readonly Span[]
  /** Where the details make the deed graver, or less grave, than its event does. */
  readonly gravity?: Gravity
  /** Everything is switched on: nothing is to be undone. */
  readonly isSafe?: boolean
}
