import type { TornTail } from '../../src/journal/file.ts'

/** An entry as the tests write it: the journal itself only knows the type. */
export interface TestEntry {
  readonly type: string
  readonly at: string
  readonly [member: string]: unknown
}

export const entry = (type: string, members: Readonly<Record<string, unknown>> = {}): TestEntry => ({
  type,
  at: '2026-03-04T02:31:09Z',
  ...members,
})

export const recovered = (torn: TornTail): TestEntry => entry('recovered', { ...torn })

/** A short incident with what real ones hold: nesting, other scripts, an attacker's text. */
export const threeEntries: readonly TestEntry[] = [
  entry('opened', { incident: 'stolen-key', region: 'eu-central-1' }),
  entry('intended', { operation: 'iam:PutRolePolicy', input: { RoleName: 'web-app', attempts: [1, 2.5, null, true] } }),
  entry('established', { city: 'Zürich 🏔', userAgent: { untrusted: 'curl\u001b[2J\u202e' } }),
]
