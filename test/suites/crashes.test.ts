import { describe, expect, it } from 'vitest'
import { crashedAt, expectTheSameEnd, goneAgain, holdCrashLaw, wholeRun } from '../laws/crash.ts'
import { expectNoLoss, LOST, type Lost } from './lost-writes.ts'
import { changes } from './specified.ts'

const whole = await wholeRun()
const afterChanges = changes.flatMap(
  (operation) => whole.moments.find((moment) => moment.operation === operation && moment.when === 'after') ?? [],
)

/** All of them: `npm run crashes` (docs/suites.md). */
describe('a response whose process is gone, and that is gone on with, ends as if nothing had happened, no change made twice', () => {
  it('is gone here after each change', () => {
    expect(afterChanges.map(({ operation }) => operation).sort()).toEqual([...changes].sort())
  })

  it.each(afterChanges.map((moment) => [moment.operation, moment] as const))('gone after %s', async (_, moment) => {
    await holdCrashLaw(moment, whole)
  })

  it('gone after the deny, and again before the snapshots', async () => {
    const moment = afterChanges.find(({ operation }) => operation === 'iam:PutRolePolicy')
    if (!moment) throw new Error('nothing was denied')
    await expectTheSameEnd(await goneAgain(await crashedAt(moment), 'ec2:CreateSnapshots', 'before'), whole)
  })

  it.each(Object.keys(LOST) as Lost[])('gone after the stop, and of what became of it on the disk %s', async (lost) => {
    await expectNoLoss('ec2:StopInstances', lost)
  })
})
