/** A statement of a policy document, as far as ir-cred reads it. Every member may be a string or an array of strings. */
export interface Statement {
  readonly Effect?: string
  readonly Action?: string | readonly string[]
  readonly Resource?: string | readonly string[]
  readonly Principal?: Readonly<Record<string, string | readonly string[]>>
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>
}

export interface PolicyDocument {
  readonly Statement?: Statement | readonly Statement[]
}

/**
 * Reads a policy document as IAM answers it: the JavaScript SDK leaves it URL-encoded (RFC 3986), others decode it.
 * Undefined for what is not a JSON object.
 */
export const decodePolicy = (text: string | undefined): PolicyDocument | undefined => {
  if (text === undefined) return undefined
  try {
    const plain = text.trimStart().startsWith('{') ? text : decodeURIComponent(text)
    const document: unknown = JSON.parse(plain)
    return typeof document === 'object' && document !== null ? (document as PolicyDocument) : undefined
  } catch {
    return undefined
  }
}

export const statementsOf = (document: PolicyDocument | undefined): readonly Statement[] => {
  const statements = document?.Statement
  if (statements === undefined) return []
  return Array.isArray(statements) ? statements : [statements as Statement]
}

export const valuesOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value
