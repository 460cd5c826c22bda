import { describe, expect, it } from 'vitest'
import { untrusted } from '../../src/incident/values/untrusted.ts'
import { drillResponder } from '../../src/terminal/drill-responder.ts'

const listening = () => {
  const said: string[] = []
  return { said, responder: drillResponder((text) => void said.push(text)) }
}

const change = { stage: 'revoke-sessions', title: 'Revoke', effects: [], acknowledgement: [] }

describe('the model answers of a drill', () => {
  it('approve, and say what a responder would type', async () => {
    const { said, responder } = listening()
    expect(await responder.approve({ ...change, typed: 'web-app' })).toEqual({
      answer: 'approved',
      by: 'the model answer of the drill',
    })
    await responder.approve(change)
    expect(said).toEqual(['Model answer: acknowledge revoke-sessions and type web-app.', 'Model answer: yes to revoke-sessions.'])
  })

  it('declare a false alarm where the question says why it may be one', async () => {
    const { said, responder } = listening()
    expect(await responder.approve({ ...change, falseAlarm: 'the role called from there before' })).toEqual({
      ...{ answer: 'falseAlarm', by: 'the model answer of the drill' },
      reason: untrusted('the role called from there before'),
    })
    expect(said).toEqual(['Model answer: declare a false alarm, because the role called from there before.'])
  })

  it('choose the first option, and say which', async () => {
    const { said, responder } = listening()
    const options = [
      { id: 'a', label: ['HIGH ', untrusted('x\u001b[2J')] },
      { id: 'b', label: ['LOW'] },
    ]
    expect(await responder.choose({ what: 'Which finding?', options })).toBe('a')
    expect(said).toEqual(['Model answer to "Which finding?": HIGH "x\\u{1B}[2J".'])
  })

  it('choose nothing of nothing', async () => {
    expect(await listening().responder.choose({ what: 'Which?', options: [] })).toBeUndefined()
  })
})
