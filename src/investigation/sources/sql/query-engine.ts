import type { Failure } from '../../../incident/values/failure.ts'
import type { Row } from './rows.ts'

/** What a query is doing, and how much it has read so far: AWS tells that late while a query runs, and exactly at its end. */
export type QueryState =
  | { readonly state: 'running' | 'finished'; readonly bytes: number }
  | { readonly state: 'failed'; readonly bytes: number; readonly reason: string }

export interface ResultPage {
  readonly rows: readonly Row[]
  readonly next: string | undefined
}

/** A service that runs queries: Athena or CloudTrail Lake. Every method may throw what an AWS call throws. */
export interface QueryEngine {
  /** As it is called in sentences. */
  readonly name: string
  readonly start: (text: string, values: readonly string[]) => Promise<string>
  readonly look: (id: string) => Promise<QueryState>
  readonly page: (id: string, token: string | undefined) => Promise<ResultPage>
  readonly stop: (id: string) => Promise<void>
  /** What went wrong, in words and with a remedy: an error of a call, or the reason for which a query failed. */
  readonly failureOf: (trouble: unknown) => Failure
}

/** The signal of a call that an interrupted run waits for: the start of a query, whose id is needed to stop it, and the stop. */
export const toTheEnd = (): AbortSignal => new AbortController().signal
