import type { Rule } from './rule.ts'

/** A key of 16384 bits has 12 KiB in this form. A beginning without an end hides no more than this. */
const LONGEST_KEY = 16 * 1024

const END = /-----END[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|---- END SSH2 [A-Z ]{0,20}PRIVATE KEY ----/g

/** A key in PEM's form, from its first line to its last; line feeds may be escaped, or gone. */
export const privateKeys: Rule = {
  anchor: /-----BEGIN[A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|---- BEGIN SSH2 [A-Z ]{0,20}PRIVATE KEY ----/g,
  take: (text, { index: from, 0: begin }) => {
    const body = text.slice(from, from + LONGEST_KEY)
    END.lastIndex = begin.length
    const end = END.exec(body)
    const to = from + (end ? end.index + end[0].length : body.length)
    return { next: to, found: { from, to, kind: 'private-key' } }
  },
}

/** What stands in lines of a key, escaped line feeds included. */
const BODY = /[A-Za-z0-9+/=\s\\:,-]/

/** A key whose beginning was cut off: console output is only the last that was written. */
export const keyEnds: Rule = {
  anchor: new RegExp(END),
  take: (text, { index, 0: end }) => {
    const to = index + end.length
    const least = Math.max(0, index - LONGEST_KEY)
    let from = index
    while (from > least && BODY.test(text.charAt(from - 1)) && !text.startsWith('-----', from - 5)) from -= 1
    // Words of other lines before the key: a line of a key has no space.
    const body = text.slice(from, index)
    const words = Math.max(body.lastIndexOf(' '), body.lastIndexOf('\t'))
    return { next: to, found: { from: from + words + 1, to, kind: 'private-key' } }
  },
}

/** PuTTY's own form. */
export const puttyKeys: Rule = {
  anchor: /Private-Lines: \d{1,4}/g,
  take: (text, { index: from, 0: begin }) => {
    const end = /Private-(?:MAC|Hash): ?[0-9a-f]{0,128}/.exec(text.slice(from, from + LONGEST_KEY))
    const to = from + (end ? end.index + end[0].length : begin.length)
    return { next: to, ...(end && { found: { from, to, kind: 'private-key' as const } }) }
  },
}
