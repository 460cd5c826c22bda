import type { Json } from '../record-parameters.ts'
import type { TechniqueId } from './techniques.ts'

/** What a kind of call leaves behind, and how it is taken away again. `{word}` stands for a name in the record. */
export interface PersistenceRule {
  /** `service:EventName`, without the date that Lambda and CloudFront append. */
  readonly event: string
  readonly technique: TechniqueId
  readonly left: string
  /**
   * Commands, of which the first holds whose every name the record has; or one sentence. What some records name and others
   * need not (a function's alias, a bus other than the default one) stands in the first: without it the command would miss.
   */
  readonly remedy: readonly string[]
  /** What has to be known or done before the remedy. */
  readonly note?: string
  /** The events of the same service that take it away. */
  readonly undo: readonly string[]
  /** Whether a call of this name leaves anything: some also take away. */
  readonly when?: (request: Json) => boolean
}

interface Options {
  readonly note?: string
  readonly undo?: string | readonly string[]
  readonly when?: (request: Json) => boolean
}

/** One row of a table. */
export const artefact = (
  event: string,
  technique: TechniqueId,
  left: string,
  remedy: string | readonly string[],
  { undo = [], note, when }: Options = {},
): PersistenceRule => ({
  event,
  technique,
  left,
  remedy: typeof remedy === 'string' ? [remedy] : remedy,
  undo: typeof undo === 'string' ? [undo] : undo,
  ...(note ? { note } : {}),
  ...(when ? { when } : {}),
})
