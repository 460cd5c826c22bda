import { rawLine } from '../../src/incident/values/show.ts'
import { flatten } from '../../src/terminal/flatten.ts'
import type { MemoryRan } from '../support/run-in-memory.ts'

/** All that a stage said in a run, one line each: its facts, its acknowledgements, its progress. */
export const saidBy = ({ events }: MemoryRan, stage: string): string =>
  events
    .flatMap((event) => {
      if (!('stage' in event) || event.stage !== stage) return []
      if (event.type === 'described') return flatten(event.blocks, { line: rawLine, own: (text) => text })
      return event.type === 'progress' ? [event.text] : []
    })
    .join('\n')
