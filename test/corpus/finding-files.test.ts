import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { findingsInText, narrowFinding } from '../../src/incident/finding/finding-document.ts'
import { whatItMeans } from '../../src/incident/finding/finding-words.ts'
import { Failure } from '../../src/incident/values/failure.ts'
import { decodeUtf8 } from '../../src/incident/values/strict-json.ts'

/** A folder of finding files that others have published, outside the project. */
const folder = join(process.env.IR_CRED_CORPUS ?? '', 'guardduty')
const present = process.env.IR_CRED_CORPUS !== undefined && existsSync(folder)
const files = present ? readdirSync(folder) : []

const readAll = (file: string): readonly string[] => {
  const text = decodeUtf8(readFileSync(join(folder, file)), file)
  return findingsInText(text, file).map((document) => whatItMeans(narrowFinding(document)))
}

describe.runIf(present)('every published finding is either read or refused with a sentence', () => {
  it('there are some', () => {
    expect(files.length).toBeGreaterThan(0)
  })

  it.each(files)('%s', (file) => {
    try {
      for (const sentence of readAll(file)) expect(sentence).toMatch(/^[A-Z].*\.$/)
    } catch (error) {
      expect(error).toBeInstanceOf(Failure)
      expect((error as Failure).kind).toBe('usage')
      expect((error as Failure).message).toMatch(/^[ -~]{20,}$/)
    }
  })
})
