import { describe, it } from 'vitest'
import { expectNoLoss, LOST, type Lost } from './lost-writes.ts'
import { changes } from './specified.ts'

const losses = changes.flatMap((operation) => (Object.keys(LOST) as Lost[]).map((lost) => ({ operation, lost })))

describe('a response whose disk lost what became of a change ends as if nothing had happened, no change made twice', () => {
  it.for(losses)('gone after $operation, $lost', async ({ operation, lost }) => {
    await expectNoLoss(operation, lost)
  })
})
