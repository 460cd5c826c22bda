import { Failure } from '../incident/values/failure.ts'
import { drainKeys, type KeyInput } from './drain.ts'

/** Where questions are asked. */
export interface PromptStreams {
  readonly input: KeyInput
  readonly output: NodeJS.WritableStream
  /** Aborted when the whole run is interrupted. */
  readonly signal: AbortSignal
  /** The terminal's width in columns; 80 when it is not known. */
  columns?(): number
  readonly colour?: boolean
  /** Leaves the screen clean, before a question is written on it. */
  beforeAsking?(): void
}

const interrupted = (): Failure => new Failure({ kind: 'interrupted', what: 'interrupted at a question' })

/**
 * Asks with a signal that also ends at Ctrl-D and at the end of input, where inquirer itself would wait for ever.
 * Gives undefined when the person left that way. Throws Failure 'interrupted' for Ctrl-C and when the run is interrupted.
 */
export const ask = async <T>(
  promptStreams: PromptStreams,
  question: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> => {
  promptStreams.beforeAsking?.()
  if (promptStreams.signal.aborted || (await drainKeys(promptStreams.input))) throw interrupted()
  if (promptStreams.input.readableEnded) return undefined
  const left = new AbortController()
  const leave = (): void => left.abort()
  const onKey = (_: unknown, key?: { name?: string; ctrl?: boolean }): void => {
    if (key?.ctrl && key.name === 'd') leave()
  }
  promptStreams.input.on('keypress', onKey).on('end', leave).on('close', leave)
  try {
    return await question(AbortSignal.any([promptStreams.signal, left.signal]))
  } catch (error) {
    if (promptStreams.signal.aborted || isNamed(error, 'ExitPromptError')) throw interrupted()
    if (left.signal.aborted) return undefined
    throw error
  } finally {
    promptStreams.input.off('keypress', onKey).off('end', leave).off('close', leave)
  }
}

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name
