const TROUBLES: Readonly<Record<string, string>> = {
  ENOENT: 'It is not there.',
  EACCES: 'Reading it is not permitted.',
  EPERM: 'Reading it is not permitted.',
  ELOOP: 'It is a link that leads to itself.',
  EISDIR: 'It is a folder.',
  EMFILE: 'Too many files are open in this system.',
  EIO: 'The disk cannot read it.',
}

/** What stands in a name for bytes that are not UTF-8. */
const NOT_UTF8 = '\uFFFD'

/** Why the operating system does not give a file, as a sentence. */
export const whyUnreadable = (error: unknown, path: string): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
  if (code === 'ENOENT' && path.includes(NOT_UTF8)) return 'Its name is not UTF-8: rename it, so that it can be opened.'
  const known = code === undefined ? undefined : TROUBLES[code]
  return known ?? `It cannot be read: ${error instanceof Error ? error.message : String(error)}.`
}
