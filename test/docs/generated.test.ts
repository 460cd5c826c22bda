import { describe, expect, it } from 'vitest'
import { apiCallsPage } from './api-calls.ts'

/** Documents that are written from the code. `npm run docs` writes them anew. */
const GENERATED: readonly (readonly [path: string, content: () => string])[] = [['docs/api-calls.md', apiCallsPage]]

describe('a generated document says what the code says', () => {
  it.each(GENERATED)('%s', async (path, content) => {
    await expect(content()).toMatchFileSnapshot(`../../${path}`)
  })
})
