import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { text } from '../../src/incident/values/block.ts'
import { untrusted } from '../../src/incident/values/untrusted.ts'
import type { ApprovalQuestion, ChoiceQuestion, Responder } from '../../src/response/ports.ts'
import { plainResponder } from '../../src/terminal/plain-responder.ts'
import { revokeEffect } from '../support/sample-incident.ts'

const question: ApprovalQuestion = {
  stage: 'revoke-sessions',
  title: 'Revoke the sessions',
  effects: [revokeEffect],
  acknowledgement: [text('It hits three instances.')],
  typed: 'web-app',
}

const findings: ChoiceQuestion = {
  what: 'Which finding?',
  options: [
    { id: 'a', label: ['MEDIUM ', untrusted('x\u001b[2J')] },
    { id: 'b', label: ['HIGH'] },
  ],
}

/** Gives the lines one by one, each when it is asked for; then the input ends. */
const answering = async <T>(
  lines: readonly string[],
  put: (responder: Responder) => Promise<T>,
  signal = new AbortController().signal,
) => {
  const input = new PassThrough()
  const output = new PassThrough()
  let shown = ''
  const waiting = [...lines]
  output.on('data', (chunk) => {
    shown += String(chunk)
    if (!/: $/.test(shown)) return
    const next = waiting.shift()
    if (next === undefined) input.end()
    else input.write(`${next}\n`)
  })
  const answer = await put(plainResponder({ input, output, signal }))
  await setImmediate()
  return { answer, shown }
}

const offered: ApprovalQuestion = { ...question, falseAlarm: 'the role called from there before' }
const declaring = (...lines: string[]) => answering(lines, (responder) => responder.approve(offered))
const approving = (...lines: string[]) => answering(lines, (responder) => responder.approve(question))
const choosing = (...lines: string[]) => answering(lines, (responder) => responder.choose(findings))

describe('an approval in lines', () => {
  it('takes an acknowledgement and the word', async () => {
    const { answer } = await approving('yes', 'web-app')
    expect(answer).toEqual({ answer: 'approved', by: 'the person at the terminal, who typed web-app' })
  })

  it('explains, shows calls and forgives a wrong word', async () => {
    const { answer, shown } = await approving('explain', 'calls', 'yes', 'web', 'web-app')
    expect(answer).toMatchObject({ answer: 'approved' })
    expect(shown).toContain('It hits three instances.\n')
    expect(shown).toContain('iam:PutRolePolicy')
    expect(shown).toContain('role/web-app AWSRevokeOlderSessions\n')
    expect(shown).toContain('That is not one of the words.\n')
  })

  it.each([
    ['skip', ['skip'], { answer: 'skipped' }],
    ['stop', ['yes', 'stop'], { answer: 'declined' }],
    ['no', ['no'], { answer: 'declined' }],
    ['empty lines', ['', '', ''], { answer: 'declined' }],
    ['the end of input', [], { answer: 'declined', why: 'the input ended without an answer' }],
    ['the end of input after the acknowledgement', ['yes'], { answer: 'declined' }],
  ])('is not given by %s', async (_, lines, expected) => {
    expect((await approving(...lines)).answer).toMatchObject(expected)
  })

  it('is a false alarm with its reason, where the question offers it', async () => {
    const { answer, shown } = await declaring('false-alarm', ' our VPN ')
    expect(answer).toEqual({ answer: 'falseAlarm', by: 'the person at the terminal', reason: untrusted('our VPN') })
    expect(shown).toContain('or: skip, explain, calls, stop, false-alarm: ')
  })

  it('is asked for again when the reason is empty, and can be given then', async () => {
    expect((await declaring('false-alarm', '', 'yes', 'false-alarm', '  ', 'web-app')).answer).toMatchObject({
      answer: 'approved',
    })
  })

  it('declines when the input ends before the reason', async () => {
    expect((await declaring('false-alarm')).answer).toMatchObject({
      answer: 'declined',
      why: 'the input ended without an answer',
    })
  })

  it('takes no false alarm that the question does not offer: it is a wrong word, and not shown', async () => {
    const { answer, shown } = await approving('false-alarm', 'false-alarm', 'false-alarm', 'our VPN')
    expect(answer).toMatchObject({ answer: 'declined' })
    expect(shown).not.toContain('stop, false-alarm')
  })

  it('is interrupted when the run is', async () => {
    const asked = answering(['yes'], (responder) => responder.approve(question), AbortSignal.abort())
    await expect(asked).rejects.toMatchObject({ kind: 'interrupted' })
  })

  it('is declined at once where the input has ended before', async () => {
    const input = new PassThrough()
    input.end()
    input.resume()
    await new Promise((resolve) => input.once('end', resolve))
    const responder = plainResponder({ input, output: new PassThrough(), signal: new AbortController().signal })
    expect(await responder.approve(question)).toMatchObject({ answer: 'declined' })
  })
})

describe('a choice in lines', () => {
  it('numbers the options, escaped', async () => {
    const { answer, shown } = await choosing('2')
    expect(answer).toBe('b')
    expect(shown).toContain('1. MEDIUM "x\\u{1B}[2J"\n2. HIGH\n3. None of these\n')
  })

  it.each([
    ['none of these', ['3'], undefined],
    ['a number after nonsense', ['b', '0', '1'], 'a'],
    ['nonsense only', ['x', '-1', '4.5'], undefined],
    ['the end of input', [], undefined],
  ])('takes %s', async (_, lines, expected) => {
    expect((await choosing(...lines)).answer).toBe(expected)
  })
})
