import { asciiJson } from './show.ts'

const SHOWN = 60
const TOKEN = /(?:IQoJ|FwoG|FQoG|AQoD)[\w/+%=-]{16,}/

/**
 * Whether text may hold a secret access key (40 characters of base64) or a session token. Errs on the side of yes:
 * such text is never shown, logged or stored.
 */
export const looksLikeSecret = (text: string): boolean =>
  TOKEN.test(text) ||
  (text.match(/[A-Za-z0-9/+]{40,}/g) ?? []).some((run) => (run.length === 40 && !/^[0-9a-f]+$/i.test(run)) || run.length >= 100)

/** Whether a text as a whole looks like a secret. For identifiers: a session's name of 40 letters after a colon is none. */
export const isSecret = (text: string): boolean => /^[\w/+%=-]+$/.test(text) && looksLikeSecret(text)

const quotedText = (text: string): string => {
  if (looksLikeSecret(text)) return `something that looks like a secret (${text.length} characters, not shown)`
  return text.length > SHOWN ? `${asciiJson(text.slice(0, SHOWN))}... (${text.length} characters)` : asciiJson(text)
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
