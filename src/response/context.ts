import { given } from '../incident/values/given.ts'
import type { Responder } from './ports.ts'
import type { Context } from './stage.ts'
import type { RunRecorder, World } from './world.ts'
import { writeOnce } from './write.ts'

/** One run of the runbook: what it uses outside, where it records, and who answers its questions. */
interface StageRun {
  readonly world: World
  readonly recorder: RunRecorder
  readonly responder: Responder
  /** Called between two looks of a wait: makes the re-checks that are due. */
  readonly between: () => Promise<void>
  readonly lastLook?: true
  readonly goesAhead?: true
}

/** The context of one stage: the world without its way to send, and every write behind an intent on disk. */
export const contextFor = (stage: string, run: StageRun): Context => {
  const { readiness: _, sendOnce: __, setClock: ___, settle, signInAgain: ____, ...rest } = run.world
  const { skip: _____, ...world } = rest
  const { recorder, responder, between, lastLook, goesAhead } = run
  return {
    ...world,
    settle: (patience, look) => settle(patience, look, between),
    write: (client, command, effect, options = {}) => writeOnce({ ...run, stage }, { client, command, effect, options }),
    keep: async (name, content) => {
      const ref = await world.keep(name, content)
      await recorder.record({ type: 'kept', at: world.now(), stage, name, ref })
      return ref
    },
    checkpoint: async (cursor, content) => {
      const ref = await world.keep(stage, content)
      await recorder.record({ type: 'checkpoint', at: world.now(), stage, ref, cursor })
    },
    ...given({ lastLook, goesAhead }),
    choose: (question) => responder.choose(question),
    ask: async (question) => responder.ask?.(question),
    progress: (text) => recorder.emit({ type: 'progress', stage, text }),
  }
}
