import { couldBeKeyId, isAccessKeyId, otherCredential, uniqueIdOwner } from '../values/identifiers.ts'
import { looksLikeSecret, quoted } from '../values/quoted.ts'
import { type Remark, refusal } from './member.ts'

const refuseOthers = (text: string, where: string): void => {
  if (looksLikeSecret(text) || text.length > 128) {
    const why =
      'an access key id has 20 characters and no secret in it; ir-cred never needs a secret, does not show it, and keeps none'
    const remedy = 'If it is a secret or a session token, treat it as leaked: take it out of there and rotate it.'
    throw refusal(`${where} holds something that looks like a secret, not an access key id`, why, remedy)
  }
  const owner = uniqueIdOwner(text)
  if (owner === undefined) return
  const remedy = 'An access key id begins with AKIA (long-term) or ASIA (temporary).'
  throw refusal(`${where} is not an access key id`, `${quoted(text)} is the unique id of ${owner}`, remedy)
}

/**
 * Checks an access key id and gives it back. `where` is what holds it, for messages ("The finding's AccessKeyId").
 * Remarks on an unusual form. Throws a Failure of kind 'usage' for the ids of other things, and without repeating it
 * for what looks like a secret.
 */
export const checkedAccessKeyId = (text: string, where: string, remark: Remark): string => {
  refuseOthers(text, where)
  if (!couldBeKeyId(text)) {
    const remedy = 'Copy the access key id again: 20 capital letters and digits, beginning with AKIA or ASIA.'
    throw refusal(`${where} is not an access key id`, `it holds ${quoted(text)}`, remedy)
  }
  const special = otherCredential(text)
  if (special) remark(`${where} is ${special} (${text}): it cannot be revoked the way a session or an access key is.`)
  else if (!isAccessKeyId(text))
    remark(
      `${where}, ${text} (${text.length} characters), is unusual: 20 capital letters and digits beginning with AKIA or ASIA are the rule.`,
    )
  return text
}
