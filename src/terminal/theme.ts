import { Chalk } from 'chalk'

/** What a passage means, for its colour. The words say it too: colour only repeats them. */
export type Tone = 'plain' | 'heading' | 'quiet' | 'good' | 'bad' | 'warning' | 'alarm'

export interface Theme {
  tone(tone: Tone, text: string): string
  /** The left column of fields. */
  label(text: string): string
  /** Marks what had to be written as `\u{HEX}`, so that it cannot be taken for the text itself. */
  escapes(text: string): string
}

const ESCAPED = /\\u\{[0-9A-F]+\}|␊|␠×\d+/g

/** The colours of ir-cred; without colour, text stays as it is. */
export const makeTheme = (colour: boolean): Theme => {
  const chalk = new Chalk({ level: colour ? 1 : 0 })
  const tones: { readonly [T in Tone]: (text: string) => string } = {
    plain: (text) => text,
    heading: chalk.bold,
    quiet: chalk.dim,
    good: chalk.green,
    bad: chalk.red,
    warning: chalk.yellow,
    alarm: chalk.bold.red,
  }
  return {
    tone: (tone, text) => (text === '' ? text : tones[tone](text)),
    label: chalk.dim,
    escapes: (text) => text.replace(ESCAPED, (escaped) => chalk.inverse(escaped)),
  }
}

/** What decides about colour: the stream, the flags, and the variables that people set (no-color.org). */
export interface ColourWish {
  readonly isTerminal: boolean
  readonly plain: boolean
  readonly noColor?: string | undefined
  readonly term?: string | undefined
}

/** Colour only on a terminal that can show it, and not when NO_COLOR is set to anything, or --plain. */
export const wantsColour = ({ isTerminal, plain, noColor, term }: ColourWish): boolean =>
  isTerminal && !plain && (noColor ?? '') === '' && term !== 'dumb'
