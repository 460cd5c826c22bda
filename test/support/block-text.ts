import type { Block } from '../../src/incident/values/block.ts'
import { rawLine } from '../../src/incident/values/show.ts'
import { flatten } from '../../src/terminal/flatten.ts'

/** All that blocks say, a line each, nothing escaped. */
export const blockText = (blocks: readonly Block[] = []): string =>
  flatten(blocks, { line: rawLine, own: (text) => text }).join('\n')
