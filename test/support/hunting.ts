import { type Persistence, waysBack } from '../../src/incident/facts/persistence.ts'
import type { Context } from '../../src/response/stage.ts'
import { huntPersistence } from '../../src/response/stages/hunt-persistence.ts'
import { traceActivity } from '../../src/response/stages/trace-activity.ts'
import type { IssuedCredential } from '../../src/simulator/account/credentials.ts'
import { issueSession } from '../../src/simulator/issue-credentials.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { assessed, factOf } from './stage-context.ts'
import { scoped } from './stage-on-account.ts'

/** What the hunt finds on an account, and how it is asked again. */
export const huntOn = async (built: BuiltScenario) => {
  const { connection, context, finding, subject } = await scoped(built)
  const activity = factOf(await assessed(traceActivity, { finding, subject }, context))
  const hunt = async (lent: Partial<Context> = {}): Promise<Persistence> =>
    factOf(await assessed(huntPersistence, { subject, activity }, { ...context, ...lent }))
  return { opened: connection.opened, hunt }
}

/** A session of the administrator, who may undo what the responder only sees. */
export const administrator = ({ account }: BuiltScenario): IssuedCredential => {
  const role = account.roles.get('platform-admin')
  if (!role) throw new Error('there is no administrator')
  return issueSession(account, role, 'carol', 3600)
}

/** How each persistence artefact stands: event name → standing. */
export const standings = ({ artefacts }: Persistence): readonly string[] =>
  artefacts.map(({ artefact, standing }) => `${artefact.eventName} ${standing}`)

/** Every remedy in the order in which it is told, as commands; sentences as they are. */
export const remediesOf = (persistence: Persistence): readonly string[] =>
  waysBack(persistence).map(({ remedy }) => ('command' in remedy ? remedy.command : remedy.sentence))
