import { describe, expect, it } from 'vitest'
import type { Host } from '../../src/cli/host.ts'
import { answerRequestOf, type CommonOptions, outputRequestOf, type RunOptions } from '../../src/cli/options.ts'
import { terminalOf } from '../../src/cli/tty.ts'
import { responderFor, viewFor } from '../../src/cli/views.ts'
import type { ApprovalQuestion, ChoiceQuestion } from '../../src/response/ports.ts'
import { SIGN_IN_QUESTION } from '../../src/response/sign-in.ts'
import { memoryHost } from '../support/host.ts'

const TERMINAL = { stdin: true, stdout: true, stderr: true }

const question: ApprovalQuestion = {
  stage: 'revoke-sessions',
  title: 'Revoke',
  effects: [],
  acknowledgement: [],
  typed: 'web-app',
}
const choice: ChoiceQuestion = {
  what: 'Which one?',
  options: [
    { id: 'a', label: ['A'] },
    { id: 'b', label: ['B'] },
  ],
}

describe('a screen is redrawn', () => {
  it.each<[what: string, options: CommonOptions, env: Record<string, string>, stdout: boolean, redrawn: boolean]>([
    ['in a terminal', {}, { TERM: 'xterm-256color' }, true, true],
    ['in a terminal without colours', {}, { NO_COLOR: '1' }, true, true],
    ['not in a file or a pipe', {}, {}, false, false],
    ['not in a dumb terminal', {}, { TERM: 'dumb' }, true, false],
    ['not for a screen reader', {}, { ACCESSIBLE: '1' }, true, false],
    ['not with --plain', { plain: true }, {}, true, false],
  ])('%s', (_, options, env, stdout, redrawn) => {
    const { host } = memoryHost({ env, terminal: { ...TERMINAL, stdout } })
    expect(terminalOf(host, outputRequestOf(options), undefined).redraws).toBe(redrawn)
  })
})

describe('a person can be asked', () => {
  it.each<[what: string, terminal: typeof TERMINAL, options: RunOptions, asked: boolean]>([
    ['at a terminal', TERMINAL, {}, true],
    ['while the result goes to a file', { ...TERMINAL, stdout: false }, { json: true }, true],
    ['not when the input is a pipe', { ...TERMINAL, stdin: false }, {}, false],
    ['not when nobody would see the question', { ...TERMINAL, stderr: false }, {}, false],
    ['not with --no-input', TERMINAL, { input: false }, false],
  ])('%s', (_, terminal, options, asked) => {
    expect(terminalOf(memoryHost({ terminal }).host, outputRequestOf(options), options.input).interactive).toBe(asked)
  })
})

describe('the view', () => {
  const told = (options: CommonOptions, terminal = {}, env = {}): string => {
    const { host, out } = memoryHost({ terminal, env: { TERM: 'xterm', ...env }, columns: 60 })
    viewFor(terminalOf(host, outputRequestOf(options), undefined), outputRequestOf(options)).hear({
      type: 'note',
      text: 'x'.repeat(30).concat(' ').repeat(4),
    })
    return out()
  }

  it('the view with --json is one object a line', () => {
    expect(JSON.parse(told({ json: true }, TERMINAL))).toMatchObject({ type: 'note' })
  })

  it('the view in a pipe never breaks its lines', () => expect(told({}).trimEnd().split('\n')).toHaveLength(1))

  it('the view of a terminal is broken at its width', () => {
    const lines = told({}, TERMINAL, { NO_COLOR: '1' }).trimEnd().split('\n')
    expect(lines.length).toBeGreaterThan(1)
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60)
  })
})

const responderOf = (host: Host, options: RunOptions, scripted?: Readonly<Record<string, string>>) => {
  const output = outputRequestOf(options)
  const terminal = terminalOf(host, output, options.input)
  return responderFor(terminal, answerRequestOf(options, scripted), viewFor(terminal, output))
}

describe('who answers', () => {
  const answers = async (options: RunOptions, scripted?: Readonly<Record<string, string>>) => {
    const responder = await responderOf(memoryHost().host, options, scripted)
    return { approval: (await responder.approve(question)).answer, chosen: await responder.choose(choice) }
  }

  it.each<[what: string, options: RunOptions, scripted: Record<string, string> | undefined, approval: string]>([
    ['nobody: a change is declined', {}, undefined, 'declined'],
    ['--yes', { yes: true }, undefined, 'approved'],
    ['--approve with the stage', { approve: ['revoke-sessions'] }, undefined, 'approved'],
    ['--approve with another stage', { approve: ['restart-instance'] }, undefined, 'declined'],
    ['--skip is stronger than --yes', { yes: true, skip: ['revoke-sessions'] }, undefined, 'skipped'],
    ['a file with the word to type', {}, { 'revoke-sessions': 'web-app' }, 'approved'],
    ['a file with another word', {}, { 'revoke-sessions': 'web' }, 'declined'],
    ['a file that says skip', {}, { 'revoke-sessions': 'skip' }, 'skipped'],
  ])('%s', async (_, options, scripted, approval) => {
    expect((await answers(options, scripted)).approval).toBe(approval)
  })

  it('nobody chooses among several, --yes neither', async () => {
    expect((await answers({ yes: true })).chosen).toBeUndefined()
    expect((await answers({}, { 'Which one?': 'b' })).chosen).toBe('b')
  })

  it('nobody is asked at a terminal with --yes', async () => {
    const { host, err } = memoryHost({ terminal: TERMINAL })
    const responder = await responderOf(host, { yes: true })
    expect((await responder.approve(question)).answer).toBe('approved')
    expect(err()).toBe('')
    expect(await responder.choose(choice)).toBeUndefined()
    expect(err()).toBe('')
  })

  it('a person at a terminal is asked to sign in, with --yes too, and nobody is with --no-input', async () => {
    const signIn: ChoiceQuestion = { ...choice, what: SIGN_IN_QUESTION }
    const at = async (options: RunOptions) => {
      const { host, err } = memoryHost({ terminal: TERMINAL, env: { TERM: 'dumb' } })
      await (await responderOf(host, options)).choose(signIn)
      return err().includes(SIGN_IN_QUESTION)
    }
    expect(await at({ yes: true })).toBe(true)
    expect(await at({ yes: true, input: false })).toBe(false)
  })
})
