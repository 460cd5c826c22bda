import type { QueryRefusal } from '../athena/refusals.ts'

/** What StartQuery and DescribeQuery refuse ("StartQuery", Errors), recognised by the error's name and message. */
export const LAKE_REFUSALS: readonly QueryRefusal[] = [
  {
    text: /InactiveEventDataStore/,
    kind: 'blocked',
    what: 'the event data store is not enabled',
    remedy: 'read the logs with --athena or --logs, or use another event data store',
  },
  {
    text: /EventDataStore(?:ARNInvalid|NotFound)/,
    kind: 'usage',
    what: 'there is no such event data store in this account and Region',
    remedy: 'check --lake, the profile and the Region; aws cloudtrail list-event-data-stores names them',
  },
  {
    text: /MaxConcurrentQueries/,
    kind: 'unavailable',
    what: 'CloudTrail Lake runs as many queries of this account as it may',
    remedy: 'wait until one has ended, then continue',
  },
  {
    text: /UnsupportedOperation|not available to new customers|no longer open/i,
    kind: 'usage',
    what: 'this account has no CloudTrail Lake, which takes no new customers since 31 May 2026',
    remedy: 'read the logs with --athena or --logs',
  },
  {
    text: /access ?denied|not authorized|kms/i,
    meaning: 'denied',
    kind: 'identity',
    what: 'this identity may not ask the event data store',
    remedy:
      'grant cloudtrail:StartQuery, DescribeQuery, GetQueryResults and CancelQuery on the event data store, and kms:Decrypt on its key, then continue',
  },
  {
    text: /TIMED_OUT|timeout/i,
    kind: 'unavailable',
    what: 'the query took longer than CloudTrail Lake allows',
    remedy: 'ask for less time with --since and --until',
  },
]
