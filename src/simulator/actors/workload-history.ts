import { DAY_MS, floorTo, HOUR_MS, HOUR_SECONDS, SECOND_MS } from '../../incident/values/duration.ts'
import { given } from '../../incident/values/given.ts'
import type { Account, AccountRole, Instance } from '../account/account.ts'
import type { IssuedCredential } from '../account/credentials.ts'
import { invokedWith } from '../compute/function-environment.ts'
import { handedOut, issueAtRefresh, issueSession, newAccessKeyId } from '../issue-credentials.ts'
import { between, pick } from '../random.ts'
import { recordEvent, recordIssue } from '../records/record.ts'
import { acts, type Plan, type PlannedCall, trailEventOf } from './actor.ts'
import { egressOf, USUAL_STEPS } from './workload.ts'

const REFRESH_DAYS = 2
const FUNCTION_DAYS = 7

/** A function outside the network calls from an address of AWS's, not of the account's. */
const FUNCTION_ADDRESS = '192.0.2.60'
const FUNCTION_CALL = { call: 's3:ListBuckets', userAgent: 'aws-sdk-js/3.600.0 exec-env/AWS_Lambda_nodejs20.x' } as const
/** When the function's timer goes off (UTC). */
const MORNING = 6.25 * HOUR_MS

const CALLS_ON_A_WORKDAY = 9
const CALLS_ON_A_WEEKEND_DAY = 4

/** Hours of the day (UTC) as often as something happens in them: most of it in office hours. */
const RHYTHM = [0, 3, 6, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 13, 13, 14, 14, 15, 15, 16, 17, 18, 20, 22]

/** A nightly job asks for something the role was never allowed: the failures that are usual here. */
const NIGHTLY: Omit<PlannedCall, 'afterSeconds'> = {
  call: 's3:GetBucketEncryption',
  resource: 'arn:aws:s3:::acme-web-uploads',
  parameters: { BucketName: 'acme-web-uploads' },
  userAgent:
    'aws-cli/2.17.9 md/awscrt#0.20.11 ua/2.0 os/linux#6.1.94 lang/python#3.11.8 md/installer#exe cmd/s3api.get-bucket-encryption',
}

interface PastCall {
  readonly at: number
  readonly instance: Instance
  readonly planned: Omit<PlannedCall, 'afterSeconds'>
  readonly error?: { readonly code: string; readonly message: string }
}

const startOfDay = (ms: number): number => floorTo(ms, DAY_MS)

const isWeekend = (ms: number): boolean => [0, 6].includes(new Date(ms).getUTCDay())

const callsOfDay = (account: Account, instance: Instance, day: number): PastCall[] =>
  Array.from({ length: isWeekend(day) ? CALLS_ON_A_WEEKEND_DAY : CALLS_ON_A_WORKDAY }, () => ({
    at: day + (pick(account.random, RHYTHM) + account.random()) * HOUR_MS,
    instance,
    planned: pick(account.random, USUAL_STEPS),
  }))

const nightlyCall = (account: Account, instance: Instance, day: number): PastCall => ({
  at: day + between(account.random, 3.1, 3.2) * HOUR_MS,
  instance,
  planned: NIGHTLY,
  error: { code: 'AccessDenied', message: 'Access Denied' },
})

const daysUntil = (until: number, days: number): number[] =>
  Array.from({ length: days + 1 }, (_, index) => startOfDay(until) - (days - index) * DAY_MS)

/** Sessions of long ago: long expired, so they exist in the records only. One a day is enough for a baseline. */
const pastSessions = (account: Account, role: AccountRole): ((instance: Instance, at: number) => IssuedCredential) => {
  const sessions = new Map<string, IssuedCredential>()
  return (instance, at) => {
    const issuedAt = startOfDay(at)
    const key = `${instance.id} ${issuedAt}`
    const session = sessions.get(key) ?? {
      accessKeyId: newAccessKeyId(account, 'ASIA'),
      secretAccessKey: '',
      sessionToken: '',
      principal: { type: 'role-session' as const, roleName: role.name, roleId: role.id, sessionName: instance.id },
      issuedAt,
      ec2RoleDelivery: '2.0' as const,
      instanceId: instance.id,
    }
    sessions.set(key, session)
    return session
  }
}

/**
 * Writes `behaviour.historyDays` of the application's normal activity on the given instances into the trail, up to `until` (ms): from the
 * instances' own addresses, with their own SDK, by day more than by night and on working days more than at weekends.
 */
export const writeHistory = (account: Account, role: AccountRole, instances: readonly Instance[], until: number): void => {
  const [nightWatch] = instances
  const calls = daysUntil(until, account.behaviour.historyDays).flatMap((day) => [
    ...instances.flatMap((instance) => callsOfDay(account, instance, day)),
    ...(nightWatch ? [nightlyCall(account, nightWatch, day)] : []),
  ])
  const pastSession = pastSessions(account, role)
  for (const { at, instance, planned, error } of calls.filter((call) => call.at < until).sort((a, b) => a.at - b.at)) {
    const credential = handedOut(account, instance, '2.0', at) ?? pastSession(instance, at)
    const event = trailEventOf({ ...planned, afterSeconds: 0 }, egressOf(account, instance), credential)
    recordEvent(account, { ...event, at, ...given({ error }) })
  }
}

/** The metadata service's hourly refreshes of the last two days, the newest at `last` (ms). */
export const writeRefreshes = (account: Account, instance: Instance, last: number): void => {
  const count = REFRESH_DAYS * 24
  for (let back = count - 1; back >= 0; back -= 1) {
    issueAtRefresh(account, instance, last - back * HOUR_MS * between(account.random, 0.99, 1.01))
  }
}

/** A function that shares the role: every morning of the last week it takes credentials and uses them once. */
export const writeFunctionHistory = (account: Account, role: AccountRole, functionName: string, until: number): void => {
  for (const day of daysUntil(until, FUNCTION_DAYS)) {
    const at = day + between(account.random, 6, 6.5) * HOUR_MS
    if (at >= until) continue
    const credential = issueSession(account, role, functionName, 12 * HOUR_SECONDS, at)
    recordIssue(account, credential, 'lambda.amazonaws.com')
    const planned = { ...FUNCTION_CALL, afterSeconds: 0 }
    recordEvent(account, { ...trailEventOf(planned, FUNCTION_ADDRESS, credential), at: at + 2000 })
  }
}

function* everyMorning(): Plan {
  for (let afterSeconds = 0; ; afterSeconds = DAY_MS / SECOND_MS)
    yield { ...FUNCTION_CALL, asks: 's3:ListAllMyBuckets', afterSeconds }
}

/** The function goes on in the mornings to come, with credentials of whatever environment it runs in then. */
export const functionActs = (account: Account, functionName: string, from: number): void => {
  const credential = (): IssuedCredential | undefined => {
    const called = account.functions.get(functionName)
    return called && invokedWith(account, called)
  }
  const today = startOfDay(from) + MORNING
  const next = today > from ? today : today + DAY_MS
  acts(account, { who: 'workload', credential, sourceIp: () => FUNCTION_ADDRESS }, everyMorning(), next)
}
