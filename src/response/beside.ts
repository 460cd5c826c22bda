import type { FactName } from '../incident/facts/facts.ts'
import type { Incident } from '../incident/incident.ts'
import { type Block, list, warning } from '../incident/values/block.ts'
import { assessPatiently } from './assess.ts'
import type { Assessment, Context, Stage, StageReading } from './stage.ts'
import type { RunRecorder, World } from './world.ts'

/** What readings beside the stages need of a run. */
export interface ReadingRun {
  readonly stages: readonly Stage[]
  readonly world: World
  readonly recorder: RunRecorder
  readonly incident: () => Incident
  readonly context: (stage: Stage) => Context
  readonly between: () => Promise<void>
  /** Takes the end of a stage that ran beside. */
  readonly conclude: (stage: Stage, assessment: Assessment<unknown>) => Promise<unknown>
}

/** Readings that run beside the stages: whoever needs one waits for it. */
export interface ReadingsBeside {
  /** Takes on what of a stage's fact is read beside; the fact is established so far. It begins with `start`, or when somebody waits for it. */
  begin(stage: Stage): void
  /** Takes on a whole stage. */
  beginStage(stage: Stage): void
  /** Begins what was taken on, and from now on everything at once: nothing is on its way any more that it could slow down. */
  start(): void
  /**
   * Waits for everything that the stage waits for, and records it. Throws what concerns the whole run; the same reading begins again at
   * the next call, so that somebody may sign in between.
   */
  waitFor(stage: Stage): Promise<void>
  /** Waits for all of it. */
  waitForAll(): Promise<void>
  /** What is being read, as noun phrases. */
  open(): readonly string[]
  /** Calls back when a reading has ended, until the given function is called. */
  watch(changed: () => void): () => void
  /** Ends all of it: what comes later is dropped. */
  leave(): void
}

/** A reading under way. */
interface Task {
  readonly what: string
  /** The place of the first stage that waits for it. */
  readonly before: number
  readonly run: () => Promise<void>
  work: Promise<void>
  state: 'waiting' | 'running' | 'ended' | 'failed'
}

/** Starts nothing: `begin` and `beginStage` do. */
export const readingsBeside = (run: ReadingRun): ReadingsBeside => {
  const { tasks, add, end, until, watch, startAll } = taskList()
  let left = false
  const placeOf = (id: string | undefined): number => {
    const place = run.stages.findIndex((stage) => stage.id === id)
    return place < 0 ? run.stages.length : place
  }
  return {
    begin: (stage) => {
      let previous: Task | undefined
      for (const reading of stage.readings.filter(({ applies }) => applies(run.incident().facts))) {
        const first = previous
        previous = add(reading.what, placeOf(reading.before), async () => {
          if (first) await end(first)
          await read(stage, reading, run, () => left)
        })
      }
    },
    beginStage: (stage) => {
      const place = placeOf(stage.before)
      const waitedFor = tasks.filter(({ before }) => before <= place)
      add(stage.title.toLowerCase(), place, async () => {
        for (const task of waitedFor) await end(task)
        await run.world.regionsKnown()
        const assessment = await assessPatiently(stage, run)
        if (!left) await run.conclude(stage, assessment)
      })
    },
    waitFor: (stage) => until(run.stages.indexOf(stage)),
    waitForAll: () => until(Infinity),
    start: startAll,
    open: () => tasks.filter(({ state }) => state !== 'ended').map(({ what }) => what),
    watch,
    leave: () => {
      left = true
    },
  }
}

/** Tasks that run at once, and who is called back when one has ended. */
const taskList = () => {
  const tasks: Task[] = []
  const watchers = new Set<() => void>()
  let isStarted = false
  const start = (task: Task): void => {
    task.state = 'running'
    task.work = task.run().then(
      () => {
        task.state = 'ended'
        for (const changed of watchers) changed()
      },
      (error: unknown) => {
        task.state = 'failed'
        throw error
      },
    )
    // It is thrown where somebody waits for it.
    task.work.catch(() => undefined)
  }
  const add = (what: string, before: number, run: () => Promise<void>): Task => {
    const task: Task = { what, before, run, work: Promise.resolve(), state: 'waiting' }
    tasks.push(task)
    if (isStarted) start(task)
    return task
  }
  const startAll = (): void => {
    isStarted = true
    for (const task of tasks) if (task.state === 'waiting') start(task)
  }
  const end = async (task: Task): Promise<void> => {
    if (task.state === 'waiting' || task.state === 'failed') start(task)
    await task.work
  }
  const until = async (place: number): Promise<void> => {
    if (tasks.some(({ before }) => before <= place)) startAll()
    for (const task of tasks) if (task.before <= place) await end(task)
  }
  const watch = (changed: () => void) => {
    watchers.add(changed)
    return () => void watchers.delete(changed)
  }
  return { tasks, add, end, until, watch, startAll }
}

/** Reads one part of a fact, and records the fact with it. */
const read = async (stage: Stage, reading: StageReading, run: ReadingRun, left: () => boolean): Promise<void> => {
  await run.world.regionsKnown()
  const become = await reading.read(run.incident(), run.context(stage))
  if (left()) return
  const { [stage.establishes]: fact } = become(run.incident().facts)
  const { recorder, world, incident } = run
  await recorder.record({ type: 'established', at: world.now(), stage: stage.id, fact: { [stage.establishes]: fact } })
  const { facts } = incident()
  const isLast = reading === stage.readings.at(-1)
  recorder.emit({
    type: 'described',
    stage: stage.id,
    blocks: [...(isLast ? changedBlocks(stage, incident()) : []), ...reading.describe(facts)],
  })
}

/** What is different from the fact of an earlier run. */
export const changedBlocks = (stage: Stage, incident: Incident): readonly Block[] => {
  const changes = stage.changes(incident)
  return changes.length === 0 ? [] : [warning('This has changed since the last run:'), list(changes)]
}

/** The fact of a stage with all that is read beside it, one part after the other. For a run that waits for everything. */
export const wholeFact = async (
  stage: Stage,
  established: unknown,
  incident: Incident,
  context: Context,
): Promise<Incident['facts'][FactName]> => {
  let facts: Incident['facts'] = { ...incident.facts, [stage.establishes]: established }
  for (const reading of stage.readings)
    if (reading.applies(facts)) facts = (await reading.read({ ...incident, facts }, context))(facts)
  return facts[stage.establishes]
}
