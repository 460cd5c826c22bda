import type { KeptDocument } from '../../../incident/facts/evidence.ts'

/** What was read of one thing, before it is kept. */
export interface EvidenceRead extends Omit<KeptDocument, 'document'> {
  /** The name of the file that it is kept in, without its ending. */
  readonly name: string
  /** What is kept. The values of environment variables are never in it. */
  readonly content: unknown
}
