import { describe, expect, it } from 'vitest'
import { type SourceFile, source } from './source.ts'

type Sample = readonly [path: string, text: string]

/** A rule of the house, with samples of what breaks it and what only looks like it: a rule that cannot fail is none. */
export interface Rule {
  readonly sentence: string
  /** Where a file breaks the rule, each as `path: what`. */
  readonly offences: (file: SourceFile) => string[]
  readonly breaks: readonly Sample[]
  readonly keeps: readonly Sample[]
}

export const holdRule = (rule: Rule, files: readonly SourceFile[]): void => {
  describe(rule.sentence, () => {
    it('no file breaks it', () => {
      expect(files.flatMap(rule.offences)).toEqual([])
    })

    it.each(rule.breaks)('it is broken by %s: %s', (path, text) => {
      expect(rule.offences(source(path, text))).not.toEqual([])
    })

    it.each(rule.keeps)('it is kept by %s: %s', (path, text) => {
      expect(rule.offences(source(path, text))).toEqual([])
    })
  })
}
