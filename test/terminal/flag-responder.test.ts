import { describe, expect, it } from 'vitest'
import type { ApprovalQuestion } from '../../src/response/ports.ts'
import { flagResponder, type ScriptedAnswers } from '../../src/terminal/flag-responder.ts'

const nothing: ScriptedAnswers = { yes: false, approve: [], skip: [] }
const question: ApprovalQuestion = {
  stage: 'revoke-sessions',
  title: 'Revoke',
  effects: [],
  acknowledgement: [],
  typed: 'web-app',
}
const stage = question.stage

const approved = (by: string) => ({ answer: 'approved', by })
const skipped = (by: string) => ({ answer: 'skipped', by })
const declined = (why: unknown) => ({ answer: 'declined', why })

describe('a change that has to be approved by name', () => {
  const named = { ...question, byName: 'the stop destroys what is on its instance store' }
  const answer = (scripted: Partial<ScriptedAnswers>) => flagResponder({ ...nothing, ...scripted }).approve(named)

  it('is left out under --yes alone, with why and how it is approved', async () => {
    expect(await answer({ yes: true })).toEqual(
      skipped(
        `--yes, which does not approve it: the stop destroys what is on its instance store. Approve it by its name: --approve ${stage}`,
      ),
    )
  })

  it.each<[string, Partial<ScriptedAnswers>, string]>([
    ['--approve', { yes: true, approve: [stage] }, '--approve'],
    ['an answer', { yes: true, answers: { [stage]: 'approve' } }, 'the answers file'],
  ])('is approved by %s that names it', async (_, scripted, by) => {
    expect(await answer(scripted)).toEqual(approved(by))
  })
})

describe('scripted answers', () => {
  it.each<[string, Partial<ScriptedAnswers>, object]>([
    ['nothing declines', {}, declined('no terminal and no scripted answer')],
    ['--yes approves', { yes: true }, approved('--yes')],
    ['--approve approves its stage', { approve: [stage] }, approved('--approve')],
    ['--approve of another stage does not', { approve: ['restart-instance'] }, declined('no terminal and no scripted answer')],
    ['--skip goes past its stage', { skip: [stage] }, skipped('--skip')],
    [
      '--skip beats every approval',
      { yes: true, approve: [stage], skip: [stage], answers: { [stage]: 'approve' } },
      skipped('--skip'),
    ],
    ['an answer approves', { answers: { [stage]: 'approve' } }, approved('the answers file')],
    ['the word approves', { answers: { [stage]: 'web-app' } }, approved('the answers file')],
    [
      'another word does not, even with --yes',
      { yes: true, answers: { [stage]: 'web-ap' } },
      declined('the answers file does not approve it'),
    ],
    [
      'a false alarm is no answer to a question that does not take it',
      { yes: true, answers: { [stage]: { falseAlarm: 'our VPN' } } },
      declined(expect.stringContaining('this question does not take it')),
    ],
    ['an answer skips, even with --yes', { yes: true, answers: { [stage]: 'skip' } }, skipped('the answers file')],
    [
      'an inherited name is no answer',
      { answers: Object.create({ [stage]: 'approve' }) },
      declined('no terminal and no scripted answer'),
    ],
  ])('%s', async (_, scripted, expected) => {
    expect(await flagResponder({ ...nothing, ...scripted }).approve(question)).toEqual(expected)
  })

  it.each<[string, Record<string, string> | undefined, readonly string[], string | undefined]>([
    ['an answer chooses', { Which: 'b' }, ['a', 'b'], 'b'],
    ['an answer that is no option chooses nothing', { Which: 'c' }, ['a'], undefined],
    ['a single option is chosen', undefined, ['a'], 'a'],
    ['of several, none is', undefined, ['a', 'b'], undefined],
    ['of none, none is', undefined, [], undefined],
  ])('%s', async (_, answers, ids, expected) => {
    const options = ids.map((id) => ({ id, label: [id] }))
    const responder = flagResponder({ ...nothing, ...(answers ? { answers } : {}) })
    expect(await responder.choose({ what: 'Which', options })).toBe(expected)
  })
})

describe('a question that takes a false alarm', () => {
  const offered = { ...question, falseAlarm: 'the role called from there before' }

  it('gets the reason that the answers file gives', async () => {
    const responder = flagResponder({ ...nothing, answers: { [stage]: { falseAlarm: 'our VPN' } } })
    expect(await responder.approve(offered)).toEqual({
      answer: 'falseAlarm',
      by: 'the answers file',
      reason: { untrusted: 'our VPN' },
    })
  })

  it('is approved by --yes all the same: the history does not withhold the deny', async () => {
    expect(await flagResponder({ ...nothing, yes: true }).approve(offered)).toEqual(approved('--yes'))
  })

  it('is declined without any answer, as every other', async () => {
    expect(await flagResponder(nothing).approve(offered)).toEqual(declined('no terminal and no scripted answer'))
  })
})
