import { describe, expect, it } from 'vitest'
import { auditIncident } from '../../src/journal/audit.ts'
import { listIncidents } from '../../src/journal/read.ts'
import type { Fault } from '../../src/simulator/wire/message.ts'
import { flagResponder } from '../../src/terminal/flag-responder.ts'
import { temporaryDirectory } from '../journal/temporary.ts'
import { runOnDisk } from '../support/run-on-disk.ts'
import { buildQuick } from './whole-run.ts'

describe('an audit finds an incident intact', () => {
  it('an audit finds no problem at every call of a run that goes on, and of the run that continues it', async () => {
    const root = await temporaryDirectory()
    const built = await buildQuick()
    const found: unknown[] = []
    let audits = 0
    const fault: Fault = async (request, next) => {
      for (const { id } of await listIncidents(root)) {
        audits += 1
        found.push(...(await auditIncident(root, id)).problems)
      }
      return next(request)
    }
    await runOnDisk({ built, root, fault, responder: flagResponder({ yes: false, approve: ['revoke-sessions'], skip: [] }) })
    const [incident] = await listIncidents(root)
    await runOnDisk({ built, root, fault, resume: incident?.id ?? '' })
    expect(found).toEqual([])
    expect(audits).toBeGreaterThan(50)
    const { problems, notes } = await auditIncident(root, incident?.id ?? '')
    expect({ problems, notes }).toEqual({ problems: [], notes: [] })
  })
})
