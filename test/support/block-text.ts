import type { Block } from '../../src/incident/block.ts'
import { rawLine } from '../../src/incident/show.ts'
import { flatten } from '../../src/terminal/flatten.ts'

/** All that blocks say, a line each, nothing escaped. */
export const blockText = (blocks: readonly Block[] = []): string =>
  flatten(blocks, { line: rawLine, ours: (text) => text }).join('\n')
