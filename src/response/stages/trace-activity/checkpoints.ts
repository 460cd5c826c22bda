import type { IncidentWith } from '../../../incident/incident.ts'
import type { HistoryPage } from '../../../investigation/sources/event-history.ts'
import type { Context } from '../../stage.ts'

const STAGE = 'trace-activity'

/** Pages that are kept together: at two calls a second, so many seconds of reading are lost at most by an interruption. */
const PAGES = 20

/** Keeps the pages of event history as evidence, and notes now and then how far the reading has come. */
export const pageKeeper = (context: Pick<Context, 'checkpoint' | 'keep'>) => {
  let events: string[] = []
  let pages = 0
  let writing = Promise.resolve()
  const write = (task: () => Promise<void>): Promise<void> => {
    writing = writing.then(task)
    return writing
  }
  return {
    take: async (page: HistoryPage): Promise<void> => {
      events.push(...page.events)
      pages += 1
      if (pages % PAGES !== 0) return
      const content = events
      events = []
      await write(() => context.checkpoint(page.cursor, content))
    },
    /** Keeps the pages since the last note. */
    end: (): Promise<void> =>
      write(async () => {
        if (events.length > 0) await context.keep(STAGE, events)
      }),
  }
}

/** Where an earlier run's reading ended, and what it had read; undefined when there is none, or some of it is lost. */
export const resumptionOf = async (
  { checkpoints }: Pick<IncidentWith<never>, 'checkpoints'>,
  { recall }: Pick<Context, 'recall'>,
): Promise<{ readonly cursor: unknown; readonly events: readonly string[] } | undefined> => {
  const noted = checkpoints[STAGE]
  if (!noted) return undefined
  const events: string[] = []
  for (const ref of noted.refs) {
    const part = textsIn(await recall(ref))
    if (!part) return undefined
    events.push(...part)
  }
  return { cursor: noted.cursor, events }
}

const textsIn = (content: string | undefined): readonly string[] | undefined => {
  const parsed: unknown = content === undefined ? undefined : JSON.parse(content)
  return Array.isArray(parsed) && parsed.every((each) => typeof each === 'string') ? parsed : undefined
}
