import { describe, expect, it } from 'vitest'
import { findingsInText, narrowFinding } from '../../../src/incident/finding/finding-document.ts'
import { whatItMeans } from '../../../src/incident/finding/finding-words.ts'
import { Failure } from '../../../src/incident/values/failure.ts'
import { apiFinding, eventOf, lowerCamel, roleActor, sequenceFinding, userActor } from './findings.ts'

type Tree = Record<string, unknown>

const ODD: readonly unknown[] = [undefined, null, 5, true, 'x', '', [], {}, [null], [5], { a: {} }]

/** Every form of a document in which one member is odd, or missing. */
const odd = function* (root: object, path: readonly string[] = []): Generator<string> {
  const at = path.reduce<unknown>((value, name) => (value as Tree)[name], root)
  if (typeof at !== 'object' || at === null) return
  for (const name of Object.keys(at)) {
    for (const value of ODD) {
      const copy = structuredClone(root)
      const holder = path.reduce<unknown>((inner, part) => (inner as Tree)[part], copy) as Tree
      holder[name] = value
      yield JSON.stringify(copy)
    }
    yield* odd(root, [...path, name])
  }
}

/** Reads a file as a response does: to a sentence for each finding, or to what is wrong with it. */
const read = (text: string): readonly string[] => {
  try {
    return findingsInText(text, 'finding.json').map((raw) => whatItMeans(narrowFinding(raw)))
  } catch (error) {
    if (error instanceof Failure) return [`${error.kind}: ${error.what}`]
    throw error
  }
}

describe('a finding with one member that is odd or missing', () => {
  it.each<[string, object]>([
    ['as the API answers it', apiFinding],
    ['as EventBridge delivers it', eventOf(lowerCamel(apiFinding))],
    ['of an attack sequence', sequenceFinding({ Actors: [roleActor, userActor], Endpoints: [{ Id: 'a', Ip: '203.0.113.4' }] })],
  ])('is read, or refused in a sentence, and nothing else: %s', (_, document) => {
    const answers = [...odd(document)].flatMap(read)
    expect(answers.length).toBeGreaterThan(200)
    expect(answers.filter((answer) => !/^(?:usage: \S|[A-Z].*\.$)/s.test(answer))).toEqual([])
  })
})
