import type { Account } from '../account/account.ts'

/** Where the account's trail delivers to CloudWatch Logs too: one group in its Region. */
export const trailLogGroup = ({ id }: Pick<Account, 'id'>): string => `aws-cloudtrail-logs-${id}`

export const trailLogGroupArn = (account: Pick<Account, 'id' | 'partition' | 'region'>): string =>
  `arn:${account.partition}:logs:${account.region}:${account.id}:log-group:${trailLogGroup(account)}:*`
