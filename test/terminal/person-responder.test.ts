import { setImmediate } from 'node:timers/promises'
import { render } from '@inquirer/testing'
import { describe, expect, it } from 'vitest'
import { text } from '../../src/incident/values/block.ts'
import { untrusted } from '../../src/incident/values/untrusted.ts'
import type { Approval, ApprovalQuestion, ChoiceQuestion, Responder } from '../../src/response/ports.ts'
import { personResponder } from '../../src/terminal/person-responder.ts'
import { revokeEffect } from '../support/sample-incident.ts'

const question = (typed?: string, falseAlarm?: string): ApprovalQuestion => ({
  stage: 'revoke-sessions',
  title: 'Revoke the sessions',
  effects: [{ ...revokeEffect, parameters: { RoleName: 'web-app', PolicyName: 'AWSRevokeOlderSessions' } }],
  acknowledgement: [text('It hits three instances.')],
  ...(typed === undefined ? {} : { typed }),
  ...(falseAlarm === undefined ? {} : { falseAlarm }),
})

const findings: ChoiceQuestion = {
  what: 'Which finding?',
  options: [
    { id: 'a', label: ['MEDIUM, ', untrusted('agent \u001b[2J')] },
    { id: 'b', label: ['HIGH'] },
  ],
}

/** Puts a question to a person-responder on the testing library's screen. */
const asking = async <A, Q>(put: (responder: Responder, question: Q) => Promise<A>, asked: Q, signal?: AbortSignal) => {
  const screen = await render<A, Q>((config, { input, output } = {}) => {
    if (!input || !output) throw new Error('the testing library gives both streams')
    // inquirer ends its output after each prompt, unless it is a standard stream as it is in a terminal.
    const standard = Object.assign(output, { _isStdio: true })
    return put(personResponder({ input, output: standard, signal: signal ?? new AbortController().signal }), config)
  }, asked)
  const written = () => screen.getFullOutput({ raw: true })
  // What stands above the prompt is written before the prompt hears keys.
  while (!(await written()).includes('?')) await setImmediate()
  /** Presses keys one by one; each waits until it had an effect on the screen, and the screen is quiet again. */
  const press = async (...keys: readonly (string | { name: string; ctrl: boolean })[]) => {
    for (const key of keys) {
      const before = (await written()).length
      screen.events.keypress(key)
      for (let same = 0, length = before; same < 5; await setImmediate()) {
        const now = (await written()).length
        same = now > before && now === length ? same + 1 : 0
        length = now
      }
    }
  }
  const type = async (word: string) => {
    screen.events.type(word)
    await press('enter')
  }
  return { answer: screen.answer, press, type, written }
}

const approving = (typed?: string, signal?: AbortSignal) =>
  asking<Approval, ApprovalQuestion>((responder, asked) => responder.approve(asked), question(typed), signal)

const mayBeFalse = () =>
  asking<Approval, ApprovalQuestion>(
    (responder, asked) => responder.approve(asked),
    question('web-app', 'the role called from there'),
  )

const choosing = () => asking<string | undefined, ChoiceQuestion>((responder, asked) => responder.choose(asked), findings)

describe('a destructive change', () => {
  it('is approved by acknowledging it and typing the word', async () => {
    const { press, type, answer } = await approving('web-app')
    await press('space', 'enter')
    await type('web-app')
    expect(await answer).toEqual({ answer: 'approved', by: 'the person at the terminal, who typed web-app' })
  })

  it('is asked for again after a wrong word', async () => {
    const { press, type, answer, written } = await approving('web-app')
    await press('space', 'enter')
    await type('Web-App')
    await type('web-app')
    expect(await answer).toMatchObject({ answer: 'approved' })
    expect(await written()).toContain('That is not web-app.')
  })

  it('is declined after three wrong words', async () => {
    const { press, type, answer } = await approving('web-app')
    await press('space', 'enter')
    await type('yes')
    await type('y')
    await type('')
    expect(await answer).toMatchObject({ answer: 'declined', why: 'the right word was not typed in 3 attempts' })
  })

  it.each([
    ['skip', { answer: 'skipped', by: 'the person at the terminal' }],
    ['stop', { answer: 'declined', why: 'the person at the terminal chose to stop', remedy: expect.stringContaining('--skip') }],
    ['no', { answer: 'declined', why: 'the person at the terminal said no', remedy: expect.stringContaining('--skip') }],
  ])('is left by typing %s', async (word, expected) => {
    const { press, type, answer } = await approving('web-app')
    await press('space', 'enter')
    await type(word)
    expect(await answer).toEqual(expected)
  })

  it('is ended as a false alarm by typing the word and the reason, where that is offered', async () => {
    const { press, type, answer, written } = await mayBeFalse()
    await press('space', 'enter')
    expect(await written()).toContain('stop  false-alarm')
    await type('false-alarm')
    await type('our VPN')
    expect(await answer).toEqual({ answer: 'falseAlarm', by: 'the person at the terminal', reason: untrusted('our VPN') })
  })

  it('is ended as a false alarm from the list of what else to do', async () => {
    const { press, type, answer, written } = await mayBeFalse()
    await press('enter')
    expect(await written()).toContain('declare a false alarm, with a reason')
    await press('down', 'down', 'down', 'down', 'enter')
    await type('our VPN')
    expect(await answer).toMatchObject({ answer: 'falseAlarm' })
  })

  it('offers no false alarm where nothing suggests one', async () => {
    const { press, answer, written } = await approving('web-app')
    await press('enter')
    expect(await written()).not.toContain('false')
    await press('down', 'down', 'down', 'enter')
    expect(await answer).toMatchObject({ answer: 'declined' })
  })

  it('shows everything about itself, and its calls, before it is asked for again', async () => {
    const { press, type, answer, written } = await approving('web-app')
    await press('space', 'enter')
    await type('explain')
    expect(await written()).toContain('It hits three instances.')
    await type('calls')
    expect(await written()).toContain('iam:PutRolePolicy')
    await type('web-app')
    expect(await answer).toMatchObject({ answer: 'approved' })
  })

  it('shows the change, its cost and what it hits right above the question', async () => {
    const { press, answer, written } = await approving('web-app')
    const shown = await written()
    expect(shown.indexOf('lose access until they are')).toBeGreaterThan(0)
    expect(shown.indexOf('It hits three instances.')).toBeLessThan(shown.indexOf('acknowledge'))
    await press({ name: 'd', ctrl: true })
    await answer
  })

  it('shows each call with its parameters by the key d, and is asked for again', async () => {
    const { press, type, answer, written } = await approving('web-app')
    expect(await written()).not.toContain('"RoleName": "web-app"')
    await press('d')
    expect(await written()).toContain('"RoleName": "web-app"')
    await press('space', 'enter')
    await type('web-app')
    expect(await answer).toMatchObject({ answer: 'approved' })
  })

  it('takes d for a letter in the word that is typed', async () => {
    const { press, type, answer } = await approving('dad')
    await press('space', 'enter')
    await type('dad')
    expect(await answer).toMatchObject({ answer: 'approved' })
  })

  it('asks for no word before it is acknowledged, and offers the ways out', async () => {
    const { press, answer, written } = await approving('web-app')
    await press('enter')
    expect(await written()).not.toContain('Type web-app')
    await press('down', 'down', 'enter')
    expect(await answer).toEqual({ answer: 'skipped', by: 'the person at the terminal' })
  })

  it.each([1, 2])('is declined by Ctrl-D at prompt %i', async (prompt) => {
    const { press, answer } = await approving('web-app')
    if (prompt === 2) await press('space', 'enter')
    await press({ name: 'd', ctrl: true })
    expect(await answer).toEqual({ answer: 'declined', why: 'the input ended without an answer' })
  })

  it.each([1, 2])('interrupts the run by Ctrl-C at prompt %i', async (prompt) => {
    const { press, answer } = await approving('web-app')
    if (prompt === 2) await press('space', 'enter')
    const rejected = expect(answer).rejects.toMatchObject({ name: 'Failure', kind: 'interrupted' })
    await press({ name: 'c', ctrl: true })
    await rejected
  })

  it('is interrupted when the run is', async () => {
    const run = new AbortController()
    const { answer } = await approving('web-app', run.signal)
    run.abort()
    await expect(answer).rejects.toMatchObject({ kind: 'interrupted' })
  })
})

describe('a change that asks for no word', () => {
  it('is approved by yes', async () => {
    const { type, answer } = await approving()
    await type('y')
    expect(await answer).toEqual({ answer: 'approved', by: 'the person at the terminal' })
  })

  it('is not approved by Enter alone, however often', async () => {
    const { press, answer } = await approving()
    await press('enter', 'enter', 'enter', 'enter')
    await press({ name: 'd', ctrl: true })
    expect(await answer).toMatchObject({ answer: 'declined' })
  })
})

describe('a choice', () => {
  it('gives the chosen id, and shows labels escaped', async () => {
    const { press, answer, written } = await choosing()
    expect(await written()).toContain('agent \\u{1B}[2J')
    await press('down', 'enter')
    expect(await answer).toBe('b')
  })

  it('breaks a long label at its parts, not in the middle of a word', async () => {
    const type = 'UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS'
    const label = [`11-25 01:58Z  HIGH  web-app  ${type}`]
    const { press, answer, written } = await asking<string | undefined, ChoiceQuestion>(
      (responder, asked) => responder.choose(asked),
      { what: 'Which finding?', options: [{ id: 'a', label }, ...findings.options] },
    )
    expect(await written()).toMatch(/web-app *\r?\n {4,}UnauthorizedAccess:IAMUser\/InstanceCredentialExfiltration\.OutsideAWS/)
    await press('enter')
    expect(await answer).toBe('a')
  })

  it('may be none of these', async () => {
    const { press, answer } = await choosing()
    await press('down', 'down', 'enter')
    expect(await answer).toBeUndefined()
  })

  it('is nobody’s at Ctrl-D', async () => {
    const { press, answer } = await choosing()
    await press({ name: 'd', ctrl: true })
    expect(await answer).toBeUndefined()
  })
})
