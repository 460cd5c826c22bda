import { isDeepStrictEqual } from 'node:util'

/** A statement of a policy document, as far as ir-cred reads it. Every member may be a string or an array of strings. */
export interface Statement {
  readonly Sid?: string
  readonly Effect?: string
  readonly Action?: string | readonly string[]
  readonly NotAction?: string | readonly string[]
  readonly Resource?: string | readonly string[]
  readonly NotResource?: string | readonly string[]
  readonly Principal?: string | Readonly<Record<string, string | readonly string[]>>
  readonly NotPrincipal?: string | Readonly<Record<string, string | readonly string[]>>
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

export interface PolicyDocument {
  readonly Statement?: Statement | readonly Statement[]
}

/** A policy document's text, decoded where it is URL-encoded; what cannot be decoded is given back as it is. */
export const plainPolicy = (text: string): string => {
  if (text.trimStart().startsWith('{')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/**
 * Reads a policy document as IAM answers it: the JavaScript SDK leaves it URL-encoded (RFC 3986), others decode it.
 * Undefined for what is not a JSON object.
 */
export const decodePolicy = (text: string | undefined): PolicyDocument | undefined => {
  if (text === undefined) return undefined
  try {
    const document: unknown = JSON.parse(plainPolicy(text))
    return isObject(document) ? document : undefined
  } catch {
    return undefined
  }
}

/** Whether a document's text says the same as another document: white space and the order of members do not count. */
export const isSamePolicy = (text: string | undefined, document: unknown): boolean => {
  const read = decodePolicy(text)
  return read !== undefined && isDeepStrictEqual(read, document)
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The statements of a document, one or many; what is no object is none. */
export const statementsOf = (document: PolicyDocument | undefined): readonly Statement[] =>
  [document?.Statement ?? []].flat().filter(isObject)

/** The texts of a member, one or many. */
export const valuesOf = (value: string | readonly string[] | undefined): readonly string[] =>
  [value ?? []].flat().filter((text) => typeof text === 'string')
