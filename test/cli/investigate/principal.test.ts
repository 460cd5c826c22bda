import { describe, expect, it } from 'vitest'
import { targetNamed } from '../../../src/cli/investigate/principal.ts'

describe('an address that is named', () => {
  it.each([
    ['198.51.100.23', '198.51.100.23'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:db8:0:0:0:0:0:1', '2001:db8::1'],
    ['::ffff:198.51.100.23', '198.51.100.23'],
    ['cloudformation.amazonaws.com', 'cloudformation.amazonaws.com'],
  ])('%s is looked for as %s, in the spelling of records', (ip, value) => {
    expect(targetNamed({ ip })).toEqual({ kind: 'ip', value })
  })
})
