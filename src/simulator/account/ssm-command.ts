/** A command of Systems Manager's for one instance. Times in ms since the epoch. */
export interface SsmCommand {
  readonly id: string
  readonly instanceId: string
  readonly documentName: string
  /** The step of the document that runs on the instance's platform, as PluginName; and those that do not run there. */
  readonly step: string
  readonly skippedSteps: readonly string[]
  readonly commands: readonly string[]
  readonly comment: string
  readonly requestedAt: number
  /** Delivery time-out in seconds: a command that no agent has taken up by then is never run. */
  readonly timeoutSeconds: number
  /** The document's parameters as they were sent. */
  readonly parameters: Readonly<Record<string, readonly string[]>>
  /** When the agent took it up (ms). */
  takenUpAt?: number
  /** When the agent takes it up, if it can (ms), and what it answered once it did. */
  status: 'Pending' | 'InProgress' | 'Success' | 'Failed' | 'TimedOut' | 'Cancelled'
  finishedAt?: number
  responseCode: number
  stdout: string
  stderr: string
}
