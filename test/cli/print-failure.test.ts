import { describe, expect, it } from 'vitest'
import { printFailure } from '../../src/cli/print-failure.ts'
import { Failure } from '../../src/incident/values/failure.ts'
import { memoryHost } from '../support/host.ts'

const failure = new Failure({
  kind: 'blocked',
  what: 'the instance cannot be stopped',
  why: 'its stop protection is on, and somebody has surely had a reason for that',
  remedy: 'ask its owner, switch it off in the console, and continue',
})
const NEXT = 'ir-cred respond --incident web-app-1125-7f3a --state-dir /srv/incidents/of/this/year'

const told = (terminal: boolean, next?: string): string => {
  const { host, err } = memoryHost({ terminal: { stderr: terminal }, columns: 50 })
  printFailure(host, failure, 5, next)
  return err()
}

describe('a failure is shown', () => {
  it('a failure shows what happened, why, what to do, the command that goes on, and the exit code', () => {
    expect(told(false, NEXT)).toBe(
      ['', `ir-cred: ${failure.what}: ${failure.why}`, ` → ${failure.remedy}`, `next: ${NEXT}`, 'exit 5', ''].join('\n'),
    )
  })

  it('a failure keeps to the width of a terminal, but for the command, which is there to be copied', () => {
    const lines = told(true, NEXT).split('\n')
    expect(lines).toContain(`next: ${NEXT}`)
    const others = lines.filter((line) => !line.startsWith('next:'))
    expect(others.length).toBeGreaterThan(5)
    for (const line of others) expect(line.length).toBeLessThanOrEqual(50)
  })

  it('a failure shows nothing that a terminal obeys, whatever the source of its words', () => {
    const { host, err } = memoryHost({ terminal: { stderr: true } })
    const hostile = 'gone\u001b[2J\u202e\r\u009b31m'
    printFailure(host, new Failure({ kind: 'blocked', what: hostile, why: hostile, remedy: hostile }), 5, hostile)
    expect(err()).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u)
  })
})
