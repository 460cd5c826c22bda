import { describe, it } from 'vitest'
import { crashedAt, expectTheSameEnd, goneAgain, wholeRun } from '../laws/crash.ts'
import { changes } from './specified.ts'

const whole = await wholeRun()

/** Around each change: where the process is gone first, and where it is gone again. */
const first = whole.moments.filter(({ operation }) => changes.includes(operation))
const pairs = first.flatMap((moment) =>
  changes
    .slice(changes.indexOf(moment.operation))
    .flatMap((again) => (['before', 'after'] as const).map((when) => ({ moment, again, when }))),
)

describe('a response whose process is gone twice ends as if nothing had happened, no change made twice', () => {
  it.for(pairs)(
    'gone $moment.when $moment.operation, $moment.entries entries on disk, and again $when $again',
    async ({ moment, again, when }, { task }) => {
      task.meta.runs = 3
      await expectTheSameEnd(await goneAgain(await crashedAt(moment), again, when), whole)
    },
  )
})
