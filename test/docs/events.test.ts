import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../src/incident/entry.ts'
import { whyNotAnEntry } from '../../src/incident/entry-check.ts'
import { scenarioIds } from '../../src/simulator/scenarios/catalogue.ts'
import { drillResponder } from '../../src/terminal/drill-responder.ts'
import { jsonView } from '../../src/terminal/json-view.ts'
import { buildQuick } from '../laws/whole-run.ts'
import { memorySurface } from '../support/memory-surface.ts'
import { runInMemory } from '../support/run-in-memory.ts'
import { eventsSchema } from './events.ts'

const validate = new Ajv({ strict: false }).compile({ ...eventsSchema() } as object)

const offences = (lines: readonly string[]): string[] =>
  lines.flatMap((line) =>
    validate(JSON.parse(line)) ? [] : [`${line.slice(0, 120)}: ${JSON.stringify(validate.errors?.slice(0, 3))}`],
  )

describe('the JSON Schema of the events', () => {
  it.each(scenarioIds)(
    'describes every line of a run of %s, and the check of the journal lets all its entries pass',
    async (scenario) => {
      const { events, journal } = await runInMemory({ built: await buildQuick(scenario) })
      const read: Entry[] = JSON.parse(JSON.stringify(journal))
      const refused = read.map((entry, index) => whyNotAnEntry(entry, read.slice(0, index), 'test-1125-0000'))
      expect(refused.filter((why) => why !== undefined)).toEqual([])
      const { surface, out } = memorySurface({ verbose: true })
      const view = jsonView(surface)
      for (const event of events) view.hear(event)
      const lines = out().trim().split('\n')
      expect(lines.length).toBeGreaterThan(50)
      expect(offences(lines)).toEqual([])
    },
  )

  it('describes a run that ends as a false alarm', async () => {
    const responder = drillResponder(() => {})
    const { events } = await runInMemory({ built: await buildQuick('usual-address'), responder })
    const { surface, out } = memorySurface({ verbose: true })
    for (const event of events) jsonView(surface).hear(event)
    const written = out()
    expect(written).toContain('"type":"falseAlarm"')
    expect(offences(written.trim().split('\n'))).toEqual([])
  })

  it('refuses a line with a member that no event has, and a type that does not exist', () => {
    expect(offences(['{"type":"note","text":"a"}'])).toEqual([])
    expect(offences(['{"type":"note","text":"a","more":1}', '{"type":"told","stage":"a","lines":[]}'])).toHaveLength(2)
  })
})
