import { emitKeypressEvents } from 'node:readline'
import { Failure } from '../incident/values/failure.ts'
import { ask, type PromptStreams } from './asking.ts'
import { makeTheme } from './theme.ts'
import { type Browsed, type BrowserSession, makeBrowserSession, type TimeWindow } from './volume-browser-session.ts'
import type { Key } from './volume-browser-state.ts'

/** A terminal with its size at this moment, in columns and lines. */
export interface BrowserPromptStreams extends PromptStreams {
  columns(): number
  rows(): number
}

/**
 * Lets a person at a terminal walk through the volume, choose a window and see its activity in three tables. Gives the
 * window chosen last, and leaves the screen as it was. Gives undefined where there is nothing to browse or nobody to ask,
 * and when the person left by Ctrl-D. Throws Failure 'interrupted' for Ctrl-C and when the run is interrupted.
 */
export const browseVolume = async (promptStreams: BrowserPromptStreams, browsed: Browsed): Promise<TimeWindow | undefined> => {
  if (!promptStreams.input.isTTY || browsed.volume.buckets.length === 0) return undefined
  return ask(promptStreams, (signal) => browse(promptStreams, makeBrowserSession(screenOf(promptStreams), browsed), signal))
}

/** The usual size, where the terminal does not tell. */
const COLUMNS = 80
const LINES = 24

const screenOf = (promptStreams: BrowserPromptStreams) => ({
  output: { write: (text: string) => promptStreams.output.write(text) },
  columns: () => promptStreams.columns() || COLUMNS,
  rows: () => promptStreams.rows() || LINES,
  theme: makeTheme(promptStreams.colour ?? false),
})

const browse = ({ input, output }: BrowserPromptStreams, session: BrowserSession, signal: AbortSignal): Promise<TimeWindow> =>
  new Promise((resolve, reject) => {
    let ended = false
    const end = (settle: () => void): void => {
      ended = true
      input.off('keypress', onKey)
      output.off('resize', draw)
      signal.removeEventListener('abort', onAbort)
      session.close()
      input.setRawMode?.(false)
      input.pause()
      settle()
    }
    /** What goes wrong here ends the browsing; it must not escape into the terminal's event. */
    const attempt = (work: () => void): void => {
      if (ended) return
      try {
        work()
      } catch (error) {
        end(() => reject(error))
      }
    }
    const draw = (): void => attempt(session.draw)
    const drawSoon = coalesced(draw)
    const onAbort = (): void => end(() => reject(signal.reason))
    const onKey = (_: unknown, key: Key = {}): void =>
      attempt(() => {
        if (key.ctrl && key.name === 'c')
          throw new Failure({ kind: 'interrupted', what: 'interrupted while browsing the volume' })
        if (session.press(key) === 'leave') end(() => resolve(session.window()))
        else drawSoon()
      })
    emitKeypressEvents(input)
    input.setRawMode?.(true)
    input.on('keypress', onKey)
    output.on('resize', draw)
    signal.addEventListener('abort', onAbort)
    input.resume()
    draw()
  })

/** Keys that arrive together, as when one is held down, are drawn once. */
const coalesced = (draw: () => void): (() => void) => {
  let due = false
  return () => {
    if (due) return
    due = true
    queueMicrotask(() => {
      due = false
      draw()
    })
  }
}
