import { isDeepStrictEqual } from 'node:util'
import { DescribeDocumentCommand, GetDocumentCommand } from '@aws-sdk/client-ssm'
import { given } from '../incident/values/given.ts'
import type { AwsClients } from './clients.ts'
import { codeOf } from './failure.ts'

/** A Run Command document that should be the caller's own, as Systems Manager describes it. */
export type OwnDocument =
  /** `version` is the default one, `hash` the SHA-256 that Systems Manager gives it. */
  | { readonly as: 'usable'; readonly version: string; readonly hash?: string }
  | { readonly as: 'absent' }
  /** Something is there by that name, and it cannot be what is looked for. */
  | { readonly as: 'other'; readonly why: string }

/** What is there by that name. Throws AWS's errors but the one for no such document. */
export const describeOwnDocument = async (ssm: AwsClients['ssm'], name: string, accountId: string): Promise<OwnDocument> => {
  try {
    const { Document = {} } = await ssm.send(new DescribeDocumentCommand({ Name: name }))
    const { Owner, Status, DocumentType, DocumentVersion: version = '', Hash, HashType } = Document
    if (Owner !== accountId) return { as: 'other', why: 'it belongs to another account' }
    if (Status !== 'Active' || DocumentType !== 'Command' || !/^\d{1,10}$/.test(version))
      return { as: 'other', why: 'it is not an active Command document' }
    const isHash = HashType === 'Sha256' && /^[0-9a-f]{64}$/i.test(Hash ?? '')
    return { as: 'usable', version, ...given({ hash: isHash ? Hash : undefined }) }
  } catch (error) {
    if (codeOf(error) === 'InvalidDocument') return { as: 'absent' }
    throw error
  }
}

/**
 * Whether a version of the document has this content, compared by meaning: white space and the order of members do not count. A
 * version never changes, so what is sent by version is what was read. Throws AWS's errors.
 */
export const hasContent = async (ssm: AwsClients['ssm'], name: string, version: string, content: object): Promise<boolean> => {
  const { Content = '' } = await ssm.send(
    new GetDocumentCommand({ Name: name, DocumentVersion: version, DocumentFormat: 'JSON' }),
  )
  return isDeepStrictEqual(jsonOf(Content), content)
}

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
