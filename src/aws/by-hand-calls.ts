import { type ApiCall, readCall as read } from './api-call.ts'

const LOOK = 'verify-by-hand'

/** The calls that show what is done by hand about the root user. Without these rights the run goes on, and says what it could not look at. */
export const byHandCalls: readonly ApiCall[] = [
  read('iam', 'GetAccountSummary', LOOK, 'whether the root user has access keys, a password and MFA'),
  read('iam', 'GenerateCredentialReport', LOOK, 'IAM makes a credential report, if the last one is older than four hours'),
  read('iam', 'GetCredentialReport', LOOK, 'when the password and the keys of the root user were last used'),
]
