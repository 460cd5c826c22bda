import type { ComparedWrite, DroppedWrite } from './compare-anchors.ts'

/** The journal, compared with what AWS keeps of its heads. */
export interface AnchorsCompared {
  readonly compared: readonly ComparedWrite[]
  readonly dropped: readonly DroppedWrite[]
  /** Why something may be missing, a sentence each. */
  readonly incomplete: readonly string[]
}

/** Whether everything that was compared matches, and everything could be read. */
export const isFullyVisible = ({ compared, incomplete }: AnchorsCompared): boolean =>
  incomplete.length === 0 && compared.every(({ standing }) => standing === 'matches')

/** The first thing that AWS holds otherwise, as the rest of a sentence; undefined where nothing contradicts the journal. */
export const firstContradiction = ({ compared, dropped }: AnchorsCompared): string | undefined => {
  const [missing] = dropped
  const other = compared.find(({ standing }) => standing === 'differs')
  if (other) return `${other.operation} of line ${other.line} differs from ${other.place} (${other.id}): ${other.why}`
  if (!missing) return undefined
  const when = missing.at === undefined ? '' : ` of ${missing.at}`
  return `${missing.place} has a ${missing.eventName}${when} (${missing.id}) with journal/${missing.head}, which the journal does not hold: entries were dropped or rewritten`
}
