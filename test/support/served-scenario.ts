import { steppingClock } from '../../src/simulator/clock.ts'
import type { Scenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { openAccount } from '../../src/simulator/serve-account.ts'
import { createDispatcher } from '../../src/simulator/wire/dispatch.ts'
import { inProcessHandler } from '../../src/simulator/wire/in-process.ts'
import { verifySignature } from '../../src/simulator/wire/signature.ts'
import { allowing } from './account.ts'
import { NOW } from './trail.ts'

type Keys = { readonly accessKeyId: string; readonly secretAccessKey: string; readonly sessionToken?: string }

/** A scenario behind the real wire, for SDK clients of whoever has some credentials of it. Time passes only when it is told to. */
export const servedScenario = (scenario: Pick<Scenario, 'build'>, { mayDoAnything = false } = {}) => {
  const built = scenario.build({ clock: steppingClock(NOW) })
  const { account, cast } = built
  if (mayDoAnything) account.roles.get('ir-responder')?.inline.set('all', { document: allowing('*'), writtenAt: 0 })
  const open = openAccount(built)
  const bugs: unknown[] = []
  const dispatch = createDispatcher({
    answer: open.answer,
    now: account.clock.now,
    authenticate: verifySignature(open.secretOf),
    onBug: (error) => bugs.push(error),
  })
  const configOf = ({ accessKeyId, secretAccessKey, sessionToken }: Keys) => ({
    region: account.region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
    requestHandler: inProcessHandler(dispatch),
    maxAttempts: 1,
  })
  const passes = (seconds: number): void => {
    account.clock.advance(seconds)
    open.catchUp()
  }
  return { built, account, bugs, configOf, passes, config: configOf(cast.responder) }
}
