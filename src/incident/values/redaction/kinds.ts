/** The kinds of secret that ir-cred redacts. Access key ids are identifiers, and stay. */
export type SecretKind =
  | 'aws-secret-key'
  | 'session-token'
  | 'signature'
  | 'password'
  | 'private-key'
  | 'bearer-token'
  | 'api-token'

/** How many secrets of a kind were redacted. No member is named like a secret: it would be redacted itself. */
export interface RedactedCount {
  readonly kind: SecretKind
  readonly count: number
}

/** One secret, and several. In the order in which they are counted up. */
const NAMES: Readonly<Record<SecretKind, readonly [one: string, several: string]>> = {
  'aws-secret-key': ['AWS secret access key', 'AWS secret access keys'],
  'session-token': ['session token', 'session tokens'],
  signature: ['presigned signature', 'presigned signatures'],
  password: ['password', 'passwords'],
  'private-key': ['private key', 'private keys'],
  'bearer-token': ['bearer token', 'bearer tokens'],
  'api-token': ['API token', 'API tokens'],
}

const KINDS = Object.keys(NAMES) as readonly SecretKind[]

/** Counts secrets while text is redacted. */
export interface Tally {
  add(kind: SecretKind): void
  /** By kind, always in the same order; kinds of which there were none are absent. */
  counts(): readonly RedactedCount[]
}

export const newTally = (): Tally => {
  const counts = new Map<SecretKind, number>()
  return {
    add: (kind) => void counts.set(kind, (counts.get(kind) ?? 0) + 1),
    counts: () => KINDS.flatMap((kind) => (counts.has(kind) ? [{ kind, count: counts.get(kind) ?? 0 }] : [])),
  }
}

/** What stands in the place of a secret: it names the kind, and has no space and no quote in it. */
export const redactedMark = (kind: SecretKind): string => `[redacted:${kind}]`

const MARK = new RegExp(`^\\[redacted:(?:${KINDS.join('|')})\\]`)

/** Whether text begins with what stands in the place of a secret. It is as long as this gives; 0 for none. */
export const redactedMarkLength = (text: string): number => MARK.exec(text)?.[0].length ?? 0

/** `3 secrets were redacted: 2 passwords, 1 private key`; undefined for none. */
export const redactedSentence = (counts: readonly RedactedCount[]): string | undefined => {
  const all = counts.reduce((sum, { count }) => sum + count, 0)
  if (all === 0) return undefined
  const kinds = counts.map(({ kind, count }) => `${count} ${NAMES[kind][count === 1 ? 0 : 1]}`)
  return `${all} ${all === 1 ? 'secret was' : 'secrets were'} redacted: ${kinds.join(', ')}`
}
