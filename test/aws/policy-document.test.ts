import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePolicy, statementsOf, valuesOf } from '../../src/aws/policy-document.ts'

const document = { Version: '2012-10-17', Statement: [{ Effect: 'Deny', Action: '*', Resource: '*' }] }
const text = JSON.stringify(document)

describe('a policy document is read', () => {
  it.each([
    ['as JSON', text],
    ['URL-encoded, as the JavaScript SDK leaves it', encodeURIComponent(text)],
    ['URL-encoded in every character', [...text].map((c) => `%${c.charCodeAt(0).toString(16)}`).join('')],
    ['with white space around it', `\n  ${JSON.stringify(document, null, 2)}\n`],
    ['with white space around it, URL-encoded', encodeURIComponent(` ${text}`)],
  ])('%s', (_, given) => {
    expect(decodePolicy(given)).toEqual(document)
  })

  it('a policy document is read with any characters in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (Sid) => {
        const policy = { Statement: { Sid } }
        expect(decodePolicy(JSON.stringify(policy))).toEqual(policy)
        expect(decodePolicy(encodeURIComponent(JSON.stringify(policy)))).toEqual(policy)
      }),
    )
  })
})

describe('what is no policy document is none', () => {
  it.each([undefined, '', ' ', 'null', '"text"', '5', '[]', '[{"Statement":[]}]', '{', '%7B', '%', '%ZZ', '{"a":1}}', 'AWS'])(
    '%j',
    (given) => {
      expect(decodePolicy(given)).toBeUndefined()
      expect(statementsOf(decodePolicy(given))).toEqual([])
    },
  )

  it('no text makes the reading of a policy document throw', () => {
    fc.assert(fc.property(fc.string(), (given) => void expect(() => statementsOf(decodePolicy(given))).not.toThrow()))
  })
})

describe('statements', () => {
  const [statement] = document.Statement
  it.each([
    ['one, not in a list', { Statement: statement }, [statement]],
    ['several', { Statement: [statement, statement] }, [statement, statement]],
    ['none', { Statement: [] }, []],
    ['none at all', {}, []],
    ['of which some are no objects', { Statement: [null, 'text', 5, [], statement] }, [statement]],
    ['that are text', { Statement: 'text' }, []],
    ['that are null', { Statement: null }, []],
  ])('%s', (_, given, statements) => {
    expect(statementsOf(given as never)).toEqual(statements)
  })
})

describe('the values of a member', () => {
  it.each([
    ['s3:*', ['s3:*']],
    [
      ['s3:*', 'ec2:*'],
      ['s3:*', 'ec2:*'],
    ],
    [[], []],
    [undefined, []],
    [null, []],
    [5, []],
    [{ a: 'b' }, []],
    [['s3:*', 5, null], ['s3:*']],
  ])('%j are %j', (given, values) => {
    expect(valuesOf(given as never)).toEqual(values)
  })
})
