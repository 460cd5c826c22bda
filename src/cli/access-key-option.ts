import { Failure } from '../incident/values/failure.ts'
import { beginsLikeKeyId, isAccessKeyId, otherCredential, uniqueIdOwner } from '../incident/values/identifiers.ts'
import { looksLikeSecret } from '../incident/values/quoted.ts'
import { printable } from './options.ts'

const usage = (what: string, remedy: string): Failure => new Failure({ kind: 'usage', what, remedy })

const FORM = 'an access key id begins with ASIA or AKIA and has 20 characters, capital letters and digits'

/**
 * The access key id that an option names, as it was typed. A search for a mistyped one would find nothing, and say so of the wrong
 * key. Throws Failure usage, with the key that was probably meant, and without repeating what may be a secret.
 */
export const accessKeyOption = (text: string): string => {
  if (isAccessKeyId(text)) return text
  if (text.length >= 40 || looksLikeSecret(text))
    throw usage(
      'what was given as access key id looks like a secret',
      'never type a secret; treat it as compromised now, and give the key’s id (20 characters, ASIA… or AKIA…)',
    )
  const meant = text.trim().toUpperCase()
  if (isAccessKeyId(meant)) throw usage(`"${printable(text)}" is not an access key id`, `did you mean ${meant}?`)
  const kind = otherKind(meant)
  if (kind !== undefined) throw usage(`${printable(text)} is ${kind}, not an access key id`, FORM)
  if (beginsLikeKeyId(meant))
    throw usage(
      `"${printable(text)}" is not an access key id`,
      `it has ${meant.length} characters, and an access key id has 20: copy it again`,
    )
  throw usage(`"${printable(text)}" is not an access key id`, FORM)
}

/** What an id is that is no access key: the unique id of something, or a credential of another kind. */
const otherKind = (id: string): string | undefined => {
  const owner = uniqueIdOwner(id)
  if (owner !== undefined) return `the unique id of ${owner}`
  const credential = otherCredential(id)
  return credential === undefined ? undefined : `${credential}, which cannot be revoked this way`
}
