/** A piece of a word. `quoted`: inside quotes, where nothing is split into fields. */
export type WordPart =
  | { readonly type: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly type: 'parameter'; readonly name: string; readonly quoted: boolean; readonly otherwise?: Otherwise }
  | { readonly type: 'length'; readonly name: string; readonly quoted: boolean }
  | { readonly type: 'substitution'; readonly body: List; readonly quoted: boolean }

/** What `${A:-word}`, `${A:+word}` and `${A:?word}` do; `ifEmpty` for the forms with a colon. */
export interface Otherwise {
  readonly operator: '-' | '+' | '?'
  readonly ifEmpty: boolean
  readonly word: Word
}

export type Word = readonly WordPart[]

export interface Assignment {
  readonly name: string
  readonly value: Word
}

export interface Redirection {
  readonly descriptor: number
  readonly operator: '<' | '>' | '>&'
  readonly target: Word
}

export type ShellCommand = { readonly line: number; readonly redirections: readonly Redirection[] } & (
  | { readonly type: 'simple'; readonly assignments: readonly Assignment[]; readonly words: readonly Word[] }
  | { readonly type: 'if'; readonly branches: readonly Branch[]; readonly otherwise?: List }
  | { readonly type: 'group'; readonly body: List; readonly subshell: boolean }
)

export interface Branch {
  readonly condition: List
  readonly body: List
}

export interface Pipeline {
  readonly negated: boolean
  readonly commands: readonly ShellCommand[]
}

/** Pipelines joined by `&&` and `||`; the first has neither before it. */
export type AndOr = readonly { readonly after?: '&&' | '||'; readonly pipeline: Pipeline }[]

export type List = readonly AndOr[]

/** A script that cannot be read: exit code 2, as dash has it. */
export class ShellSyntaxError extends Error {
  override readonly name = 'ShellSyntaxError'
  readonly line: number

  constructor(line: number, message: string) {
    super(message)
    this.line = line
  }
}
