import { type ApiCall, readCall as read } from './api-call.ts'

const LOOK = 'verify-by-hand'

const key = 'arn:PARTITION:kms:REGION:ACCOUNT:key/*'

/** Reads for which the policy of a response has no room. Without these rights the run goes on, and says what it could not look at. */
export const furtherReads: readonly ApiCall[] = [
  read('iam', 'GetAccountSummary', LOOK, 'whether the root user has access keys, a password and MFA'),
  read('iam', 'GenerateCredentialReport', LOOK, 'IAM makes a credential report, if the last one is older than four hours'),
  read('iam', 'GetCredentialReport', LOOK, 'when the password and the keys of the root user were last used'),
  read('kms', 'DescribeKey', 'scope-blast-radius', 'whether a key of yours or AWS’s own encrypts a volume', key),
]
