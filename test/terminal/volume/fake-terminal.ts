import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { BrowserPromptStreams } from '../../../src/terminal/volume/browser.ts'

const ESC = '\u001b'
const MOVES = new RegExp(`${ESC}\\[(\\d*)([A-Za-z])|[^${ESC}]`, 'gu')

/** Stands on the screen already, and must be left alone. */
const EARLIER = 'what was written before'

/** A terminal that understands what ir-cred may draw with, and fails at anything else. */
export class FakeTerminal {
  readonly input = Object.assign(new PassThrough(), { isTTY: true, raw: false, setRawMode: (mode: boolean) => this.setRaw(mode) })
  readonly output = new PassThrough()
  readonly writes: string[] = []
  readonly run = new AbortController()
  columns = 80
  rows = 24
  /** All lines ever shown; the last of them are on the screen. */
  #lines: string[] = [EARLIER, '']
  #row = 1
  #column = 0

  constructor(size: { columns?: number; rows?: number } = {}) {
    Object.assign(this, size)
    this.output.on('data', (chunk: Buffer) => this.#take(chunk.toString()))
  }

  promptStreams(colour = false): BrowserPromptStreams {
    const { input, output, run } = this
    return { input, output, signal: run.signal, colour, columns: () => this.columns, rows: () => this.rows }
  }

  setRaw(mode: boolean): void {
    this.input.raw = mode
  }

  /** What was written below the earlier text, without the empty lines at the end. */
  screen(): string {
    if (this.#lines[0] !== EARLIER) throw new Error('what was written before is gone')
    return this.#lines.slice(1).join('\n').trimEnd()
  }

  /** Sends bytes as a keyboard does, and waits until they had their effect. */
  async press(...keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.input.write(key)
      await settled()
    }
  }

  /** Folds the lines that are too long now, as most terminals do. */
  async resize(columns: number, rows: number): Promise<void> {
    Object.assign(this, { columns, rows })
    this.#lines = this.#lines.flatMap((line) => (line === EARLIER ? [line] : folded(line, columns)))
    this.#row = this.#lines.length - 1
    this.output.emit('resize')
    await settled()
  }

  #take(text: string): void {
    this.writes.push(text)
    const known = [...text.matchAll(MOVES)]
    const length = known.reduce((sum, [all]) => sum + all.length, 0)
    if (length !== text.length) throw new Error(`the terminal does not know ${JSON.stringify(text)}`)
    for (const [all, count, letter] of known) this.#obey(all, Number(count || '1'), letter)
  }

  #obey(text: string, count: number, letter: string | undefined): void {
    if (letter === 'A') this.#row = Math.max(this.#lines.length - this.rows, 0, this.#row - count)
    else if (letter === 'K') this.#lines[this.#row] = (this.#lines[this.#row] ?? '').slice(0, this.#column)
    else if (letter === 'J') this.#lines.splice(this.#row, Infinity, (this.#lines[this.#row] ?? '').slice(0, this.#column))
    else if (letter === 'm') return
    else if (letter !== undefined) throw new Error(`the terminal does not know ${JSON.stringify(text)}`)
    else if (text === '\r') this.#column = 0
    else if (text === '\n') this.#go(this.#row + 1, 0)
    else this.#put(text)
  }

  #put(character: string): void {
    const line = (this.#lines[this.#row] ?? '').padEnd(this.#column)
    this.#lines[this.#row] = line.slice(0, this.#column) + character + line.slice(this.#column + 1)
    this.#go(this.#row, this.#column + 1)
    if (this.#column > this.columns) throw new Error('a line is wider than the terminal')
  }

  #go(row: number, column: number): void {
    this.#row = row
    this.#column = column
    while (this.#lines.length <= row) this.#lines.push('')
  }
}

const folded = (line: string, columns: number): string[] =>
  Array.from({ length: Math.max(1, Math.ceil(line.length / columns)) }, (_, part) =>
    line.slice(part * columns, (part + 1) * columns),
  )

/** Long enough for what was written to be read, and for what follows to be drawn. */
export const settled = async (): Promise<void> => {
  for (let turn = 0; turn < 8; turn += 1) await setImmediate()
}

export const KEY = {
  left: `${ESC}[D`,
  right: `${ESC}[C`,
  up: `${ESC}[A`,
  down: `${ESC}[B`,
  shiftLeft: `${ESC}[1;2D`,
  shiftRight: `${ESC}[1;2C`,
  home: `${ESC}[H`,
  end: `${ESC}[F`,
  pageUp: `${ESC}[5~`,
  pageDown: `${ESC}[6~`,
  tab: '\t',
  shiftTab: `${ESC}[Z`,
  enter: '\r',
  space: ' ',
  ctrlC: '\u0003',
  ctrlD: '\u0004',
} as const
