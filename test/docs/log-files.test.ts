import { readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesBelow } from '../architecture/source.ts'

const page = readFileSync('docs/log-files.md', 'utf8')
const sources = filesBelow('src/investigation').filter((path) => path.endsWith('.ts'))
const code = sources.map((path) => readFileSync(path, 'utf8')).join('\n')

const namedIn = (text: string, name: RegExp): string[] => [...new Set([...text.matchAll(name)].map(([found]) => found))]

describe('the page about log files', () => {
  it('names only files that exist', () => {
    const names = namedIn(page, /[a-z][\w-]*\.ts\b/g)
    expect(names.length).toBeGreaterThan(20)
    expect(names.filter((name) => !sources.some((path) => basename(path) === name))).toEqual([])
  })

  it('names every file below log-files', () => {
    const files = sources.filter((path) => path.includes('/log-files/')).map((path) => basename(path))
    expect(files.filter((file) => !page.includes(file))).toEqual([])
  })

  it('names only functions and types that exist', () => {
    const names = namedIn(page, /\b[a-z]+[A-Z]\w+|\b[A-Z][a-z]+[A-Z]\w+/g).filter(
      (name) => !/^(CloudTrail|LookupEvents)/.test(name),
    )
    expect(names.length).toBeGreaterThan(20)
    expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([])
  })
})
