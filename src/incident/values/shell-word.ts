/** A text as one word of a POSIX shell; also of zsh, for which a word that begins with `=` is the way to a program. */
export const shellWord = (text: string): string => (/^[\w@%+:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
