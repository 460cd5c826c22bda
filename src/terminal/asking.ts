import { setImmediate } from 'node:timers/promises'
import { Failure } from '../incident/values/failure.ts'

/** Where questions are asked. */
export interface PromptStreams {
  readonly input: KeyInput
  readonly output: NodeJS.WritableStream
  /** Aborted when the whole run is interrupted. */
  readonly signal: AbortSignal
  /** The terminal's width in columns; 80 when it is not known. */
  columns?(): number
  /** Its height in rows; 24 when it is not known. */
  rows?(): number
  readonly colour?: boolean
  /** Clears the progress line before a question is written, and lets nobody else write until `afterAsking`. */
  beforeAsking?(): void
  afterAsking?(): void
}

const interrupted = (): Failure => new Failure({ kind: 'interrupted', what: 'interrupted at a question' })

/** What ends a question with an answer of its own, while `isOn`: a key, or something that happens meanwhile. */
export interface Shortcut<S> {
  readonly key?: string
  /** Calls back when it happens, until the given function is called. */
  readonly watch?: (happened: () => void) => () => void
  readonly answer: S
  isOn(): boolean
}

/**
 * Asks with a signal that also ends at Ctrl-D and at the end of the input, where inquirer itself waits for ever, and at a shortcut.
 * Gives undefined if the person left that way. Throws Failure 'interrupted' for Ctrl-C and if the run is interrupted.
 */
export const ask = async <T, S = never>(
  promptStreams: PromptStreams,
  question: (signal: AbortSignal) => Promise<T>,
  shortcuts: readonly Shortcut<S>[] = [],
): Promise<T | S | undefined> => {
  promptStreams.beforeAsking?.()
  if (promptStreams.signal.aborted || (await drainKeys(promptStreams.input))) throw interrupted()
  if (promptStreams.input.readableEnded) return undefined
  const left = new AbortController()
  const leave = (): void => left.abort()
  let taken: S | undefined
  const take = (shortcut: Shortcut<S>): void => {
    if (!shortcut.isOn()) return
    taken = shortcut.answer
    leave()
  }
  const onKey = (_: unknown, key?: { name?: string; ctrl?: boolean }): void => {
    const shortcut = key?.ctrl ? undefined : shortcuts.find((one) => one.key !== undefined && one.key === key?.name)
    if (shortcut) take(shortcut)
    else if (key?.ctrl && key.name === 'd') leave()
  }
  promptStreams.input.on('keypress', onKey).on('end', leave).on('close', leave)
  const watched = shortcuts.map((shortcut) => shortcut.watch?.(() => take(shortcut)))
  try {
    return await question(AbortSignal.any([promptStreams.signal, left.signal]))
  } catch (error) {
    if (promptStreams.signal.aborted || isNamed(error, 'ExitPromptError')) throw interrupted()
    if (left.signal.aborted) return taken
    throw error
  } finally {
    for (const stop of watched) stop?.()
    promptStreams.input.off('keypress', onKey).off('end', leave).off('close', leave)
    promptStreams.afterAsking?.()
  }
}

const isNamed = (error: unknown, name: string): boolean => error instanceof Error && error.name === name

/** The terminal's input; a `tty.ReadStream` is one. */
export interface KeyInput extends NodeJS.ReadableStream {
  readonly isTTY?: boolean
  /** True after the stream's last byte: no answer can come any more. */
  readonly readableEnded?: boolean
  setRawMode?(mode: boolean): unknown
}

/** In one turn the event loop polls the terminal, in the next it emits the keys. */
const TURNS = 3

/**
 * Drops the keys typed before the question, so that an early Enter does not answer it. It uses raw mode, because a terminal
 * in line mode keeps a line until Enter. Gives true if Ctrl-C was among the keys. Does nothing without a terminal.
 */
export const drainKeys = async (input: KeyInput): Promise<boolean> => {
  if (!input.isTTY) return false
  let interrupted = false
  const swallow = (chunk: Buffer | string): void => {
    interrupted ||= chunk.toString().includes('\u0003')
  }
  input.setRawMode?.(true)
  input.on('data', swallow)
  input.resume()
  for (let turn = 0; turn < TURNS; turn += 1) await setImmediate()
  input.pause()
  input.off('data', swallow)
  input.setRawMode?.(false)
  return interrupted
}
