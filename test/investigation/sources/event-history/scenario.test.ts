import { expect, it } from 'vitest'
import { openSimulated } from '../../../../src/cli/connection/simulated.ts'
import { plus } from '../../../../src/incident/values/instant.ts'
import { activityFold } from '../../../../src/investigation/analysis/activity-fold.ts'
import type { Counter } from '../../../../src/investigation/analysis/counter.ts'
import { timeBucketsOf } from '../../../../src/investigation/analysis/time-buckets.ts'
import { questionOf } from '../../../../src/investigation/question.ts'
import { readRecord } from '../../../../src/investigation/read-record.ts'
import { eventHistory } from '../../../../src/investigation/sources/event-history.ts'
import { countRecord, matchersFor } from '../../../../src/investigation/sources/log-files/match/matchers.ts'
import { build } from '../../../support/scenario.ts'

const countsOf = (counter: Counter): string[] =>
  [...timeBucketsOf(counter, {})]
    .map(({ call, caller, events, part, start }) =>
      [part, start, caller.accessKeyId ?? caller.roleName, call.eventName, events].join(' '),
    )
    .sort()

it('the standard scenario is read as its whole trail would be: the attacker’s calls, and the role’s 45 days before', async () => {
  const built = await build('custom-threat-list')
  const { signal } = new AbortController()
  const outcomes: string[] = []
  const observer = { onCall: ({ outcome }: { outcome: string }) => void outcomes.push(outcome) }
  const { aws, clock, opened } = await openSimulated(built, { signal, version: '0', observer })
  const { accessKeyId } = built.cast.attacker
  const from = plus(clock.now(), -6 * 3600)
  const question = questionOf({ kind: 'access-key-id', value: accessKeyId }, { scope: { from, until: clock.now() } })
  const asked = { questions: [question], followChainedSessions: true, range: { until: clock.now() } }
  const began = clock.now()
  const source = eventHistory({
    ...{ regions: ['us-east-1'], cloudtrail: (region: string) => aws(region).cloudtrail, clock, make: activityFold },
    baselineCalls: 1000,
    // Time passes with each call, and more of the attacker’s calls are delivered.
    causeNames: 0,
  })
  const { states, report } = await source.read(asked, { signal, progress: () => undefined })
  const trail = opened.account.trail.all().filter(({ management, deliveredAt }) => management && deliveredAt <= Date.parse(began))
  const whole = matchersFor(asked, activityFold)
  for (let round = 0; round < 2; round += 1)
    for (const each of trail) {
      const record = readRecord(each.document())
      if (record) countRecord(whole, record)
    }
  const name = `access-key-id ${accessKeyId}`
  const [here, there] = [states.get(name)?.state.counter, whole.states.get(name)?.state.counter]
  expect(here?.ids.size).toBeGreaterThan(1000)
  expect(here && countsOf(here)).toEqual(there && countsOf(there))
  expect(report.incomplete).toEqual([])
  expect(outcomes.filter((outcome) => outcome !== 'ok')).toEqual([])
})
