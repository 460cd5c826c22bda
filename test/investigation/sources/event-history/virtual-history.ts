import { createAwsClock, type Passing } from '../../../../src/aws/clock.ts'
import { openClients } from '../../../../src/aws/open-clients.ts'
import { createWriteGate } from '../../../../src/aws/read-only.ts'
import type { RecordedCall } from '../../../../src/aws/recorder.ts'
import { type Instant, instantOf } from '../../../../src/incident/values/instant.ts'
import { globalRegions } from '../../../../src/incident/values/partition.ts'
import type { ActivityState } from '../../../../src/investigation/analysis/activity-fold.ts'
import { activityFold } from '../../../../src/investigation/analysis/activity-fold.ts'
import type { ReadHooks, ReadRequest, ReadResult, SourceProgress } from '../../../../src/investigation/source.ts'
import { type EventHistoryOptions, eventHistory } from '../../../../src/investigation/sources/event-history.ts'
import { emptyAccount } from '../../../../src/simulator/account/empty-account.ts'
import type { TrailRecord } from '../../../../src/simulator/records/trail.ts'
import { openAccount } from '../../../../src/simulator/serve-account.ts'
import { createDispatcher } from '../../../../src/simulator/wire/dispatch.ts'
import { inProcessHandler } from '../../../../src/simulator/wire/in-process.ts'
import type { Fault } from '../../../../src/simulator/wire/message.ts'
import { addRole, NOW, sessionOf } from '../../../support/trail.ts'

const IDLE_TURNS = 4

/** Time in which nothing happens but what somebody waits for: when everybody waits, the first of them is woken. */
const virtualTime = (start: number): Passing & { now(): number } => {
  let now = start
  const sleepers: { readonly at: number; readonly wake: () => void }[] = []
  let isRunning = false
  const run = async (): Promise<void> => {
    while (sleepers.length > 0) {
      for (let turn = 0; turn < IDLE_TURNS; turn += 1) await new Promise((resolve) => setImmediate(resolve))
      sleepers.sort((a, b) => a.at - b.at)
      const first = sleepers.shift()
      now = Math.max(now, first?.at ?? now)
      first?.wake()
    }
    isRunning = false
  }
  return {
    now: () => now,
    elapsed: () => now - start,
    pass: (seconds, signal) =>
      new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason)
        const stop = (): void => reject(signal.reason)
        const wake = (): void => {
          signal.removeEventListener('abort', stop)
          resolve()
        }
        signal.addEventListener('abort', stop)
        sleepers.push({ at: now + seconds * 1000, wake })
        if (!isRunning) {
          isRunning = true
          void run()
        }
      }),
  }
}

/** What a test says of an event; the rest is made up. */
export interface Happened {
  /** Seconds before NOW. */
  readonly ago: number
  readonly accessKeyId?: string
  readonly username?: string
  readonly region?: string
  readonly eventName?: string
  readonly eventSource?: string
  readonly resources?: readonly string[]
  /** Members of the CloudTrail record. */
  readonly record?: Readonly<Record<string, unknown>>
}

export const ROLE = 'web-app'
export const ROLE_ARN = `arn:aws:iam::111122223333:role/service/${ROLE}`

/** The userIdentity of a session of the role. */
export const sessionIdentity = (accessKeyId: string, session: string, role = ROLE): Readonly<Record<string, unknown>> => ({
  type: 'AssumedRole',
  principalId: `AROAEXAMPLEEXAMPLE00:${session}`,
  arn: `arn:aws:sts::111122223333:assumed-role/${role}/${session}`,
  accountId: '111122223333',
  accessKeyId,
  sessionContext: { sessionIssuer: { type: 'Role', arn: `arn:aws:iam::111122223333:role/service/${role}`, userName: role } },
})

const trailRecord = (event: Happened, index: number): TrailRecord => {
  const { accessKeyId, username, resources = [] } = event
  const { eventName = 'DescribeInstances', eventSource = 'ec2.amazonaws.com', region = 'eu-central-1' } = event
  const at = NOW - event.ago * 1000
  const eventID = `00000000-0000-4000-a000-${String(index).padStart(12, '0')}`
  return {
    ...{ eventID, at, deliveredAt: at, eventName, eventSource, region, readOnly: true, management: true },
    ...(accessKeyId ? { accessKeyId } : {}),
    ...(username ? { username } : {}),
    resources: resources.map((name) => ({ type: 'AWS::IAM::Role', name })),
    document: () => ({
      eventVersion: '1.09',
      userIdentity: accessKeyId ? sessionIdentity(accessKeyId, username ?? 'session') : { type: 'AWSService' },
      ...{ eventTime: instantOf(new Date(Math.floor(at / 1000) * 1000)), eventSource, eventName, awsRegion: region, eventID },
      ...{ sourceIPAddress: '203.0.113.7', userAgent: 'test', readOnly: true, managementEvent: true },
      ...event.record,
    }),
  }
}

export interface HistoryRun {
  readonly events: readonly Happened[]
  readonly asked: ReadRequest
  readonly regions?: readonly string[]
  /** Seconds that an answer takes. */
  readonly latency?: number
  readonly fault?: Fault
  readonly options?: Partial<EventHistoryOptions<ActivityState>>
  readonly signal?: AbortSignal
}

export interface HistoryRan {
  readonly answer: () => Promise<ReadResult<ActivityState>>
  /** What each call asked for, in order. */
  readonly requests: readonly Asking[]
  readonly received: readonly RecordedCall[]
  readonly progress: readonly SourceProgress[]
  /** Seconds after the beginning at which the early answer was given, with the calls that it counted. */
  readonly early: readonly { readonly after: number; readonly events: number }[]
  readonly seconds: () => number
}

export interface Asking {
  readonly region: string
  readonly attribute?: string
  readonly value?: string
  readonly start?: number
  readonly end?: number
  readonly token?: string
}

const readAsking = (body: Uint8Array, authorization: string): Asking => {
  const { LookupAttributes, StartTime, EndTime, NextToken } = JSON.parse(new TextDecoder().decode(body))
  return {
    region: authorization.split('/')[2] ?? '',
    ...(LookupAttributes ? { attribute: LookupAttributes[0].AttributeKey, value: LookupAttributes[0].AttributeValue } : {}),
    ...{ start: StartTime, end: EndTime, token: NextToken },
  }
}

const accountWith = (events: readonly Happened[], now: () => number) => {
  const account = emptyAccount({
    id: '111122223333',
    region: 'eu-central-1',
    alias: 'test',
    clock: { now, advance: () => undefined, pace: 1 },
    behaviour: { callTakes: 0 },
  })
  addRole(account, 'auditor')
  const inOrder = events.map(trailRecord).sort((a, b) => a.at - b.at)
  for (const record of inOrder) account.trail.add(record)
  return account
}

/** Event history of an account with these events, behind the real client, in a time that passes when everybody waits. */
export const historyOf = (run: HistoryRun): HistoryRan => {
  const { signal = new AbortController().signal, latency = 0.2 } = run
  const time = virtualTime(NOW)
  const { regions = ['eu-central-1'] } = run
  const enabledRegions = [...regions, ...regions.flatMap(globalRegions)]
  const account = { ...accountWith(run.events, time.now), enabledRegions }
  const auditor = sessionOf(account, 'auditor', 'tester')
  const open = openAccount({ account, cast: { responder: auditor, attacker: auditor, workload: auditor } })
  const dispatch = createDispatcher({ answer: open.answer, now: time.now, pace: 1 })
  const clock = createAwsClock(time)
  clock.setFrom({ date: new Date(NOW).toUTCString(), 'x-amzn-requestid': 'first', 'x-simulated-pace': '1' })
  const requests: Asking[] = []
  const received: RecordedCall[] = []
  const slowly: Fault = async (request, next) => {
    requests.push(readAsking(request.body, request.headers.authorization ?? ''))
    await time.pass(latency / 2, signal)
    const answer = await (run.fault ? run.fault(request, next) : next(request))
    await time.pass(latency / 2, signal)
    return answer
  }
  const clients = openClients({
    credentials: { ...auditor, sessionToken: auditor.sessionToken ?? '' },
    requestHandler: inProcessHandler(dispatch, { fault: slowly }),
    ...{ clock, writeGate: createWriteGate(), onCall: (call: RecordedCall) => void received.push(call), signal, version: '0' },
  })
  const progress: SourceProgress[] = []
  const early: { after: number; events: number }[] = []
  const seconds = (): number => (time.now() - NOW) / 1000
  const reading: ReadHooks<ActivityState> = {
    signal,
    progress: (told) => void progress.push(told),
    firstRecords: (_, { counter }) => void early.push({ after: seconds(), events: counter.ids.size }),
  }
  const source = eventHistory({
    regions,
    cloudtrail: (region) => clients(region).cloudtrail,
    ...{ clock, make: activityFold, ...run.options },
  })
  return { answer: () => source.read(run.asked, reading), requests, received, progress, early, seconds }
}

/** Seconds before NOW as the instant that it is. */
export const ago = (seconds: number): Instant => instantOf(new Date(NOW - seconds * 1000))
