import { looksLikeSecret, quoted } from '../values/quoted.ts'
import { type Remark, refusal } from './member.ts'

/** Unique ids that are easily taken for an access key id ("IAM identifiers"). */
const NOT_A_KEY: Readonly<Record<string, string>> = {
  AROA: 'a role',
  AIDA: 'a user',
  AIPA: 'an instance profile',
  AGPA: 'a user group',
  ANPA: 'a managed policy',
  ANVA: 'a version of a managed policy',
  APKA: 'a public key',
  ASCA: 'a certificate',
}

const NOT_REVOCABLE: Readonly<Record<string, string>> = {
  ABIA: 'an STS service bearer token',
  ACCA: 'a context-specific credential',
}

const refuseOthers = (text: string, where: string): void => {
  if (looksLikeSecret(text) || text.length > 128) {
    const why =
      'an access key id has 20 characters and no secret in it; ir-cred never needs a secret, does not show it, and keeps none'
    const remedy = 'If it is a secret or a session token, treat it as leaked: take it out of there and rotate it.'
    throw refusal(`${where} holds something that looks like a secret, not an access key id`, why, remedy)
  }
  const owner = NOT_A_KEY[text.slice(0, 4)]
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
  if (!/^[A-Za-z0-9]{16,128}$/.test(text)) {
    const remedy = 'Copy the access key id again: 20 capital letters and digits, beginning with AKIA or ASIA.'
    throw refusal(`${where} is not an access key id`, `it holds ${quoted(text)}`, remedy)
  }
  const special = NOT_REVOCABLE[text.slice(0, 4)]
  if (special) remark(`${where} is ${special} (${text}): it cannot be revoked the way a session or an access key is.`)
  else if (!/^(?:AKIA|ASIA)[A-Z0-9]{16}$/.test(text))
    remark(
      `${where}, ${text} (${text.length} characters), is unusual: 20 capital letters and digits beginning with AKIA or ASIA are the rule.`,
    )
  return text
}
