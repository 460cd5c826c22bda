import { describe, expect, it } from 'vitest'
import { crashedAt, expectTheSameEnd, goneAgain, holdCrashLaw, wholeRun } from '../laws/crash.ts'
import { RESPONSE_CALLS, WRITES_OF_RUN, wholeRuns } from '../laws/whole-run.ts'
import { expectNoLoss, LOST, type Lost } from './lost-writes.ts'
import { changes } from './specified.ts'

const whole = await wholeRun()
const ofUser = await wholeRun('user-key')
const afterChange = ({ moments }: typeof whole, operation: string) =>
  moments.find((moment) => moment.operation === operation && moment.when === 'after')
const afterChanges = changes.flatMap((operation) => afterChange(whole, operation) ?? [])
const afterChangesOfUser = WRITES_OF_RUN['user-key'].flatMap((operation) => afterChange(ofUser, operation) ?? [])

/** All of them: `npm run crashes` (docs/suites.md). */
describe('a response whose process is gone, and that is gone on with, ends as if nothing had happened, no change made twice', () => {
  it('is gone here after each change', () => {
    const writes = RESPONSE_CALLS.filter(({ access }) => access === 'write').map(
      ({ service, operation }) => `${service}:${operation}`,
    )
    const here = new Set<string>([...afterChanges, ...afterChangesOfUser].map(({ operation }) => operation))
    // What only closes or renews is crashed around by laws of its own: crash-closing and crash-renewing.
    const elsewhere = new Set<string>(wholeRuns.flatMap((run) => WRITES_OF_RUN[run]))
    expect(writes.filter((write) => !here.has(write) && !elsewhere.has(write))).toEqual([])
    expect(here.size).toBeGreaterThan(8)
  })

  it.each(afterChanges.map((moment) => [moment.operation, moment] as const))('gone after %s', async (_, moment) => {
    await holdCrashLaw(moment, whole)
  })

  it.each(afterChangesOfUser.map((moment) => [moment.operation, moment] as const))(
    'gone after %s of a user',
    async (_, moment) => {
      await holdCrashLaw(moment, ofUser)
    },
  )

  it('gone after the deny, and again before the snapshots', async () => {
    const moment = afterChanges.find(({ operation }) => operation === 'iam:PutRolePolicy')
    if (!moment) throw new Error('nothing was denied')
    await expectTheSameEnd(await goneAgain(await crashedAt(moment), 'ec2:CreateSnapshots', 'before'), whole)
  })

  it.each(Object.keys(LOST) as Lost[])('gone after the stop, and of what became of it on the disk %s', async (lost) => {
    await expectNoLoss('ec2:StopInstances', lost)
  })
})
