import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSameAddress, oneSpelling } from '../../../src/incident/values/address.ts'

describe('two texts are the same address', () => {
  it.each([
    ['2001:DB8::1', '2001:db8:0:0::1'],
    ['2001:0db8:0000:0000:0000:0000:0000:0001', '2001:db8::1'],
    ['::ffff:203.0.113.20', '203.0.113.20'],
    ['::FFFF:cb00:7114', '203.0.113.20'],
    ['fe80::1%eth0', 'fe80::1'],
    ['203.0.113.20', '203.0.113.20'],
    ['s3.amazonaws.com', 's3.amazonaws.com'],
  ])('%s and %s', (a, b) => {
    expect(isSameAddress(a, b)).toBe(true)
    expect(isSameAddress(b, a)).toBe(true)
  })

  it.each([
    ['2001:db8::1', '2001:db8::2'],
    ['203.0.113.2', '203.0.113.20'],
    ['AWS Internal', 'aws internal'],
    ['', '::'],
  ])('%s and %s are not the same address', (a, b) => expect(isSameAddress(a, b)).toBe(false))

  it('an address is the same in upper case, and no text makes the comparison throw', () => {
    fc.assert(fc.property(fc.ipV6(), (address) => isSameAddress(address, address.toUpperCase())))
    fc.assert(fc.property(fc.string(), (text) => void expect(() => oneSpelling(text)).not.toThrow()))
  })
})
