import type { Instant } from './instant.ts'
import type { Untrusted } from './untrusted.ts'

/** A run of text: ir-cred's own, an untrusted one (escaped by the sink), or a moment (shown in UTC, where useful with local time beside it). */
export type Span = string | Untrusted | { readonly at: Instant }
export type Line = Span | readonly Span[]

/**
 * What a stage shows, in pieces that a terminal, a Markdown report and a JSON file can each show in their own way.
 * The same blocks go to all of them, so the report never says more than the screen.
 */
export type Block =
  /** A section, and the sources that its answer comes from. */
  | { readonly type: 'heading'; readonly text: string; readonly sources: readonly string[] }
  | { readonly type: 'text'; readonly line: Line }
  | { readonly type: 'warning'; readonly line: Line }
  | { readonly type: 'fields'; readonly fields: readonly (readonly [label: string, line: Line])[] }
  | { readonly type: 'list'; readonly lines: readonly Line[] }
  | { readonly type: 'table'; readonly head: readonly string[]; readonly rows: readonly (readonly Line[])[] }
  | { readonly type: 'code'; readonly text: string }
  | { readonly type: 'link'; readonly label: string; readonly url: string }

export const heading = (title: string, ...sources: readonly string[]): Block => ({ type: 'heading', text: title, sources })
export const text = (...line: readonly Span[]): Block => ({ type: 'text', line })
export const warning = (...line: readonly Span[]): Block => ({ type: 'warning', line })
export const fields = (...rows: readonly (readonly [label: string, line: Line] | undefined)[]): Block => ({
  type: 'fields',
  fields: rows.filter((row) => row !== undefined),
})
export const list = (lines: readonly Line[]): Block => ({ type: 'list', lines })
export const table = (head: readonly string[], rows: readonly (readonly Line[])[]): Block => ({ type: 'table', head, rows })
export const code = (source: string): Block => ({ type: 'code', text: source })
export const link = (label: string, url: string): Block => ({ type: 'link', label, url })
