import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ADDRESS_CLASS_WORDS, type AddressClass, sourceAddress } from '../../../src/investigation/geography/source-address.ts'

const classes: readonly (readonly [string, AddressClass])[] = [
  ['8.8.8.8', 'public'],
  ['172.15.255.255', 'public'],
  ['100.63.255.255', 'public'],
  ['2001:4860:4860::8888', 'public'],
  ['10.0.1.11', 'private'],
  ['172.31.0.1', 'private'],
  ['192.168.1.1', 'private'],
  ['fd00:ec2::254', 'private'],
  ['127.0.0.53', 'loopback'],
  ['::1', 'loopback'],
  ['169.254.169.254', 'link-local'],
  ['fe80::1', 'link-local'],
  ['fe80::1%eth0', 'link-local'],
  ['100.64.0.1', 'shared'],
  ['198.51.100.23', 'documentation'],
  ['2001:db8::1', 'documentation'],
  ['0.0.0.0', 'reserved'],
  ['224.0.0.1', 'reserved'],
  ['255.255.255.255', 'reserved'],
  ['::', 'reserved'],
  ['::8.8.8.8', 'reserved'],
  ['ff02::1', 'reserved'],
  ['ec2.amazonaws.com', 'aws-service'],
  ['dynamodb.application-autoscaling.amazonaws.com', 'aws-service'],
  ['ssm.amazonaws.com.cn', 'aws-service'],
  ['AWS Internal', 'aws-service'],
  ['', 'not-an-address'],
  ['-', 'not-an-address'],
  ['8.8.8', 'not-an-address'],
  ['256.1.1.1', 'not-an-address'],
  ['08.8.8.8', 'not-an-address'],
  ['8.8.8.8:443', 'not-an-address'],
  ['amazonaws.com.evil.example', 'not-an-address'],
  ['evil amazonaws.com', 'not-an-address'],
]

/** Any characters at all; fast-check's own unit for that takes a second to be made. */
const anyText = fc.string({ unit: fc.nat(0x10ffff).map((code) => String.fromCodePoint(code)) })

describe('the source of a call', () => {
  it.each(classes)('%j is classed as %s', (text, expected) => {
    expect(sourceAddress(text).class).toBe(expected)
  })

  it.each([
    ['::ffff:8.8.8.8', '8.8.8.8', 'public'],
    ['::FFFF:0808:0808', '8.8.8.8', 'public'],
    ['::ffff:10.0.0.1', '10.0.0.1', 'private'],
  ])('%s is the IPv4 address in it', (text, address, expected) => {
    expect(sourceAddress(text)).toEqual({ class: expected, address })
  })

  it('has one spelling, however it was written', () => {
    const spellings = ['2001:4860:4860:0:0:0:0:8888', '2001:4860:4860::8888', '2001:4860:4860:0000::8888']
    expect(new Set(spellings.map((text) => sourceAddress(text).address))).toEqual(new Set(['2001:4860:4860::8888']))
  })

  it('has no address when it is a service or nonsense', () => {
    expect(sourceAddress('ec2.amazonaws.com')).toEqual({ class: 'aws-service' })
    expect(sourceAddress('nowhere')).toEqual({ class: 'not-an-address' })
  })

  it('is one class, with words, whatever the text', () => {
    const text = fc.oneof(anyText, fc.ipV4(), fc.ipV4Extended(), fc.ipV6())
    fc.assert(
      fc.property(text, (source) => {
        const { class: what, address } = sourceAddress(source)
        expect(ADDRESS_CLASS_WORDS[what]).toMatch(/\w/)
        expect(address === undefined).toBe(what === 'aws-service' || what === 'not-an-address')
      }),
    )
  })

  it('is public for an address of any other range, and that of its own spelling', () => {
    fc.assert(
      fc.property(fc.ipV6(), (source) => {
        const { class: what, address = '' } = sourceAddress(source)
        expect(sourceAddress(address)).toEqual({ class: what, address })
      }),
    )
  })
})
