/** Members of records that are secrets or hand them on. No question mark in here: a query has them for its values only. */
const NAMES = '[sS]essionToken|[sS]ecretAccessKey|[pP]assword|[pP]rivateKey|[pP]laintext|X-Amz-Security-Token|X-Amz-Signature'

/**
 * A column of JSON with every secret in it emptied. Athena writes what a query gives into a bucket, where a session token
 * that CloudTrail recorded ("AssumeRole") would lie a second time, for everybody who may read results.
 */
export const hidingTokens = (column: string): string =>
  `regexp_replace(${column}, '("(${NAMES})"\\s*:\\s*")([^"\\\\]|\\\\.)*"', '$1"')`
