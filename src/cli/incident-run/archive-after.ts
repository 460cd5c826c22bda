import type { Failure } from '../../incident/values/failure.ts'
import type { Responder } from '../../response/ports.ts'
import { type RunResult, runStages, type StagesRun } from './run-stages.ts'
import { archiveStages } from './stages.ts'

type Archiving = Pick<StagesRun, 'world' | 'recorder' | 'responder'>

/**
 * Archives the finding of a response that confirmed everything that it claims; of another one it says why not. Whether it succeeds does not
 * change how the response ended: only an interruption does.
 */
export const archiveAfter = async (result: RunResult, run: Archiving): Promise<RunResult> => {
  const { recorder, world } = run
  const isConfirmed = result.outcome.kind === 'finished' && result.alarms.length === 0
  if (!isConfirmed) {
    recorder.emit({ type: 'note', text: 'the finding is not archived: the response has not confirmed everything' })
    return result
  }
  const { incident, outcome } = await runStages({
    ...run,
    stages: archiveStages,
    from: result.incident,
    responder: asked(run.responder),
    unconfirmed: () => [],
  })
  if (outcome.kind === 'failed') {
    if (world.signal.aborted) return { ...result, incident, outcome }
    recorder.emit({ type: 'note', text: notArchived(outcome.failure) })
  }
  return { ...result, incident }
}

const notArchived = ({ what, why, remedy }: Failure): string =>
  `the finding is not archived: ${[why ?? what, remedy].filter((part) => part !== undefined).join('; ')}`

/** Whoever is at no terminal has answered by --archive itself. */
const asked = (responder: Responder): Responder => ({
  ...responder,
  approve: async (question) => {
    const answer = await responder.approve(question)
    const isNobodyThere = answer.answer === 'declined' && answer.remedy === undefined
    return isNobodyThere ? { answer: 'approved', by: '--archive' } : answer
  },
})
