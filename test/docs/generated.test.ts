import { describe, expect, it } from 'vitest'
import { responderPolicy } from '../../src/aws/policy.ts'
import { archiveStages, liftStages, stages } from '../../src/cli/incident-run/stages.ts'
import { apiCallsPage } from './api-calls.ts'
import { entrySchema } from './entry-schema.ts'
import { eventsPage, eventsSchema } from './events.ts'
import { stagePage } from './stage-pages.ts'
import { readmeWithScore, trapSuitePage } from './trap-suite.ts'
import { moduleFile } from './wasm-module.ts'

/** Files that are written from the code. `npm run docs` writes them anew. */
const GENERATED: readonly (readonly [path: string, content: () => string | Promise<string>])[] = [
  ['docs/api-calls.md', apiCallsPage],
  ['docs/trap-suite.md', trapSuitePage],
  ['README.md', readmeWithScore],
  ['docs/responder-policy.json', () => `${JSON.stringify(responderPolicy('respond'), null, 2)}\n`],
  ['docs/events.md', eventsPage],
  ['docs/events.schema.json', () => `${JSON.stringify(eventsSchema(), null, 2)}\n`],
  ['src/investigation/sources/log-files/wasm/module-bytes.ts', moduleFile],
  ['src/incident/entry.schema.json', () => `${JSON.stringify(entrySchema(), null, 1)}\n`],
  ...stages.map((stage, index) => [`docs/stages/${stage.id}.md`, () => stagePage(stage, index)] as const),
  ...[...liftStages, ...archiveStages].map((stage) => [`docs/stages/${stage.id}.md`, () => stagePage(stage)] as const),
]

describe('a generated file says what the code says', () => {
  it.each(GENERATED)('%s', async (path, content) => {
    await expect(await content()).toMatchFileSnapshot(`../../${path}`)
  })
})
