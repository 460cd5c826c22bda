import { setImmediate } from 'node:timers/promises'

/** The part of a terminal's input that draining needs; a `tty.ReadStream` is one. */
export interface KeyInput extends NodeJS.ReadableStream {
  readonly isTTY?: boolean
  /** True once the stream has given its last byte: nobody can answer any more. */
  readonly readableEnded?: boolean
  setRawMode?(mode: boolean): unknown
}

/** One turn lets the event loop poll the terminal, the next lets what it found be emitted. */
const TURNS = 3

/**
 * Throws away the keys typed before a question was asked, so that no impatient Enter answers it. Raw mode, because a
 * terminal in line mode keeps a half-typed line to itself until the prompt itself switches. Gives true when Ctrl-C was
 * among them. Does nothing where the input is not a terminal.
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
