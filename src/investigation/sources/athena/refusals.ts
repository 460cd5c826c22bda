import { codeOf, errorMeaningOf, failureOf } from '../../../aws/failure.ts'
import type { AwsErrorMeaning } from '../../../incident/values/aws-error-codes.ts'
import { Failure, type FailureKind } from '../../../incident/values/failure.ts'

/** Something that goes wrong with a query in SQL, recognised by the text of the error or by what its code means. */
export interface QueryRefusal {
  readonly text: RegExp
  readonly meaning?: AwsErrorMeaning
  readonly kind: FailureKind
  readonly what: string
  readonly remedy: string
}

const PRINTED = '`ir-cred investigate --print-athena-table` prints a CREATE TABLE for such a table'

/** How Athena, Glue and S3 word it inside another error or as the reason of a failed query. */
const DENIED_IN_WORDS = /(?:access|permission) ?denied|not authorized|s3:\w+|status code: 403/i

/**
 * The first that fits holds. Messages as Athena words them ("Troubleshoot issues in Athena", "Athena error catalog") and as
 * Trino does; they are no contract, so that whatever fits none of them is passed on in AWS's own words.
 */
export const ATHENA_REFUSALS: readonly QueryRefusal[] = [
  {
    text: /output location|Unable to verify\/create output bucket|output bucket/i,
    kind: 'usage',
    what: 'Athena does not know where to put results, or cannot put them there',
    remedy:
      'give a folder of a bucket in the same Region with --athena-output s3://…, or a workgroup that has one with --athena-workgroup',
  },
  {
    text: /WorkGroup .{0,300}(?:not found|is not found|disabled)|workgroup .{0,300}does not exist/i,
    kind: 'usage',
    what: 'there is no such Athena workgroup here, or it is switched off',
    remedy: 'check --athena-workgroup and the Region',
  },
  {
    text: /Bytes scanned limit/i,
    kind: 'blocked',
    what: 'the workgroup’s own limit on bytes scanned ended the query',
    remedy: 'ask for less time with --since and --until, or use another workgroup with --athena-workgroup',
  },
  {
    text: /'?timestamp'? cannot be resolved|no viable .{0,300}"?timestamp|static equality|injected projected partition|partition projection|projection\./i,
    kind: 'usage',
    what: 'the table has no day in a partition column "timestamp" that Athena can work out by itself (partition projection)',
    remedy: PRINTED,
  },
  {
    text: /EXCEEDED_PARTITION_LIMIT|too many partitions/i,
    kind: 'blocked',
    what: 'the query would look into too many partitions of the table',
    remedy: `ask for less time with --since and --until, or make a table of fewer accounts and Regions: ${PRINTED}`,
  },
  {
    text: /COLUMN_NOT_FOUND|cannot be resolved|TYPE_MISMATCH|is not a row|INVALID_COLUMN_REFERENCE/i,
    kind: 'usage',
    what: 'the table is not one of CloudTrail records as AWS documents it',
    remedy: PRINTED,
  },
  {
    text: /(?:TABLE|SCHEMA|DATABASE|CATALOG)_NOT_FOUND|EntityNotFound|(?:Table|Schema|Database).{0,300}(?:does not exist|not found)/i,
    kind: 'usage',
    what: 'there is no such table in this account and Region',
    remedy: `check --athena, the profile and the Region; ${PRINTED}`,
  },
  {
    text: /Insufficient Lake Formation/i,
    kind: 'identity',
    what: 'AWS Lake Formation does not let this identity read the table',
    remedy: 'grant SELECT on the table and data access to its location in AWS Lake Formation, then continue',
  },
  {
    text: /glue:\w+/i,
    kind: 'identity',
    what: 'this identity may not read the table’s description in AWS Glue',
    remedy:
      'grant glue:GetTable, glue:GetDatabase and glue:GetPartitions on the catalog, the database and the table, then continue',
  },
  {
    text: /kms|customer master key/i,
    kind: 'identity',
    what: 'this identity may not use the key that the logs or the results are encrypted with',
    remedy: 'grant kms:Decrypt (for results kms:GenerateDataKey too) on the key, then continue',
  },
  {
    text: DENIED_IN_WORDS,
    meaning: 'denied',
    kind: 'identity',
    what: 'this identity may not do all that the query needs: run it, read the logs in S3, write results to S3',
    remedy:
      'grant athena:StartQueryExecution, s3:GetObject and s3:ListBucket on the logs, and s3:GetBucketLocation, s3:PutObject and s3:GetObject on the results, then continue',
  },
  {
    text: /valid JSON|BAD_DATA|CANNOT_OPEN_SPLIT|CURSOR_ERROR/i,
    kind: 'blocked',
    what: 'Athena could not read one of the log files',
    remedy:
      'take files that are no CloudTrail logs out of the table’s location, or read the logs with --logs s3://…, which names bad files and reads on',
  },
  {
    text: /exhausted resources|EXCEEDED_(?:LOCAL_|GLOBAL_)?MEMORY|timeout|EXCEEDED_TIME/i,
    kind: 'unavailable',
    what: 'the query was too much for Athena',
    remedy: 'ask for less time with --since and --until, or for one session or key',
  },
]

/** The Failure for an error of a call, or for the reason with which a query failed. A Failure passes through. */
export const refusalOf = (trouble: unknown, refusals: readonly QueryRefusal[], doing: string): Failure => {
  if (trouble instanceof Failure) return trouble
  const reason = trouble instanceof Error ? `${codeOf(trouble)}: ${trouble.message}` : String(trouble)
  const meaning = trouble instanceof Error ? errorMeaningOf(trouble) : undefined
  const refusal = refusals.find((one) => one.text.test(reason) || (one.meaning !== undefined && one.meaning === meaning))
  if (refusal) {
    const { kind, what, remedy } = refusal
    return new Failure({ kind, what, why: reason.slice(0, REASON), remedy, cause: trouble })
  }
  if (trouble instanceof Error) return failureOf(trouble, doing)
  return new Failure({ kind: 'blocked', what: `could not ${doing}`, why: reason.slice(0, REASON), remedy: REPORT })
}

const REASON = 400
const REPORT = 'read the reason above; the same question can be asked of the log files with --logs s3://…'
