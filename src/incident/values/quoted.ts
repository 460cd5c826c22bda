import { neutralForeign } from './delimited.ts'
import { SESSION_TOKEN_IN_TEXT } from './identifiers.ts'

const SHOWN = 60

/** A password in an address: `https://user:password@host`. */
const PASSWORD = /:\/\/[^\s/:@]{0,200}:[^\s/@]{1,200}@/

/**
 * Whether text may hold a secret access key (40 characters of base64), a session token, or an address with a password. Errs on the
 * side of yes: such text is never shown, logged or stored.
 */
export const looksLikeSecret = (text: string): boolean =>
  SESSION_TOKEN_IN_TEXT.test(text) ||
  PASSWORD.test(text) ||
  (text.match(/[A-Za-z0-9/+]{40,}/g) ?? []).some((run) => (run.length === 40 && !/^[0-9a-f]+$/i.test(run)) || run.length >= 100)

/** Whether a text as a whole looks like a secret. For identifiers: a session's name of 40 letters after a colon is none. */
export const isSecret = (text: string): boolean => /^[\w/+%=-]+$/.test(text) && looksLikeSecret(text)

/**
 * Whether a whole word of a command line is a secret: 40 characters of base64 in both cases and with digits, which no path and no
 * name has by chance, a session token, or an address with a password. Stricter than `looksLikeSecret`: such a word is refused.
 */
export const isSecretWord = (word: string): boolean => {
  const value = word.replace(/^-{0,2}[\w-]{1,64}=/, '')
  const isKey = /^[A-Za-z0-9+][A-Za-z0-9/+]{39}$/.test(value) && /[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value)
  return isKey || PASSWORD.test(value) || (/^[\w/+%=-]{100,}$/.test(value) && SESSION_TOKEN_IN_TEXT.test(value))
}

const notShown = (text: string): string => `something that looks like a secret (${text.length} characters, not shown)`

const quotedText = (text: string): string => {
  if (looksLikeSecret(text)) return notShown(text)
  return text.length > SHOWN ? `${quotedWhole(text.slice(0, SHOWN))}... (${text.length} characters)` : quotedWhole(text)
}

/** As JSON writes it, in ASCII; a run of spaces is counted, so that nothing after it stands in a column of its own. */
const quotedWhole = (text: string): string =>
  `"${JSON.stringify(text)
    .slice(1, -1)
    .replace(/ {2,}/g, (run) => `\\u{20}x${run.length}`)
    .replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)}"`

/** A path is shown in full up to so many characters: the one that is meant has to be found. */
const SHOWN_OF_A_PATH = 256

/**
 * The name of a file or folder in a sentence of ours: in double quotes, with whatever is not plain text in it escaped. A path of
 * exactly 40 letters is no secret; one that looks like nothing else is not shown.
 */
export const quotedPath = (path: string): string => {
  if (isSecretWord(path)) return notShown(path)
  const { shown, left } = neutralForeign(path, SHOWN_OF_A_PATH)
  return `"${shown}"${left === 0 ? '' : `... (${path.length} characters)`}`
}

/**
 * Foreign text inside a sentence of ours: in double quotes, printable ASCII only, at most 60 characters, and without
 * anything that looks like a secret. Other kinds of value are named ("a list") or, when short, written out.
 */
export const quoted = (value: unknown): string => {
  if (typeof value === 'string') return quotedText(value)
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
