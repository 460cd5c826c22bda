/**
 * Text that an attacker may have chosen: user agents, tags, session names, network names, error messages.
 * It is an object and not a string on purpose: it can be put into a block, a fact or the journal, but it cannot
 * be concatenated or printed by accident. Only a sink (terminal, report) takes it apart, and escapes it.
 */
export interface Untrusted {
  readonly untrusted: string
}

export const untrusted = (text: string): Untrusted => ({ untrusted: text })

/** As `untrusted`, for a value that may be missing or of any type: only a non-empty string becomes text. */
export const untrustedOrNone = (value: unknown): Untrusted | undefined =>
  typeof value === 'string' && value !== '' ? { untrusted: value } : undefined

/** The text itself, for comparing and counting. Never for showing. */
export const rawText = (text: Untrusted): string => text.untrusted
