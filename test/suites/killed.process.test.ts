import { describe, it } from 'vitest'
import { killedAt } from '../smoke/killed-response.ts'
import { emptyHomes } from '../support/homes.ts'

const home = emptyHomes()

/** At every line and every change: `npm run crashes` (docs/suites.md). */
describe.concurrent('a response that is killed and gone on with ends as if nothing had happened, no change made twice', () => {
  it.each(['Action=PutRolePolicy', 'Action=StopInstances'])(
    'killed when AWS has made the change and the answer is still on its way: %s',
    (change) => killedAt(home, ({ wire }) => wire.keepAnswerTo(change)),
  )
})
