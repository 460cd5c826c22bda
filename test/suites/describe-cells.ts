import { describe, it, vi } from 'vitest'
import { stages } from '../../src/cli/incident-run/stages.ts'
import { cellsOf, expectAsSpecified, nameOf, operationsOfARun } from './matrix.ts'

/** Mostly they wait: for the pause before the SDK sends again, and for answers that do not come. */
const AT_ONCE = 8

/** Every cell of every second operation of a whole run: two files, for two workers. */
export const describeCells = async (half: 0 | 1): Promise<void> => {
  vi.setConfig({ maxConcurrency: AT_ONCE })
  const operations = (await operationsOfARun()).filter((_, index) => index % 2 === half)
  describe.concurrent.each(operations)('%s', (operation) => {
    it.each(cellsOf(operation).map((cell) => [nameOf(cell), cell] as const))('%s', async (_, cell) => {
      await expectAsSpecified(cell, stages)
    })
  })
}
