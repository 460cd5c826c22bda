import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { askedBy } from '../faults/operation.ts'
import { temporaryDirectory } from '../journal/temporary.ts'
import { buildQuick, changesIn, EACH_ONCE } from '../laws/whole-run.ts'
import { runOnDisk } from '../support/run-on-disk.ts'

/** What a disk may have lost of the line that says what became of a change, after the power failed. */
export const LOST = {
  'the line is missing': Buffer.alloc(0),
  'the line is torn': Buffer.from('{"entry":{"at":"2026-11-25T02:0'),
  'the line is zeros': Buffer.alloc(300),
} as const satisfies Record<string, Buffer>

export type Lost = keyof typeof LOST

/** The power fails when AWS has carried out the change; what the disk then holds is the intent, and what it lost. */
const powerFailsAfter = async (operation: string, lost: Lost) => {
  const built = await buildQuick()
  const root = await temporaryDirectory()
  const journalFile = (): string => join(root, readdirSync(root)[0] ?? '', 'journal.ndjson')
  let onDisk: Buffer | undefined
  const fault: Fault = async (request, next) => {
    if (onDisk) throw new Error('the power has failed')
    const response = await next(request)
    if ((await askedBy(request)).operation !== operation) return response
    onDisk = readFileSync(journalFile())
    throw new Error('the power has failed')
  }
  await runOnDisk({ built, root, fault }).catch(() => undefined)
  if (!onDisk) throw new Error(`${operation} was never sent`)
  writeFileSync(journalFile(), Buffer.concat([onDisk, LOST[lost]]))
  return { built, root, incident: readdirSync(root)[0] ?? '' }
}

/** Goes on after the loss: the same end, and no change is made twice. */
export const expectNoLoss = async (operation: string, lost: Lost): Promise<void> => {
  const { built, root, incident } = await powerFailsAfter(operation, lost)
  const exitCode = await runOnDisk({ built, root, resume: incident })
  expect(changesIn(built)).toEqual(EACH_ONCE)
  expect(exitCode).toBe(0)
}
