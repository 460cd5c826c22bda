/** One step of a Run Command document: what is run, and on which platform. */
export interface SsmDocumentStep {
  /** What GetCommandInvocation calls PluginName. */
  readonly name: string
  readonly platform?: 'Linux' | 'Windows'
  readonly commands: readonly string[]
}

/** A Command document that the account owns, in its only version. */
export interface SsmDocument {
  readonly name: string
  readonly content: string
  readonly steps: readonly SsmDocumentStep[]
  /** SHA-256 of the content, as 64 hex digits. */
  readonly hash: string
  /** In ms since the epoch. */
  readonly createdAt: number
}
