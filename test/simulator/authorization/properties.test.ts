import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { evaluate } from '../../../src/simulator/authorization/evaluate.ts'
import { matchesTokens, wildcardTokens } from '../../../src/simulator/authorization/pattern.ts'
import { policy, request } from './policies.ts'

const pick = <T>(...values: readonly T[]) => fc.constantFrom(...values)
const actions = pick('s3:GetObject', 's3:PutObject', 'ec2:StopInstances', 'iam:PutRolePolicy')
const actionPatterns = pick('*', 's3:*', 's3:Get*', 'ec2:Stop?nstances', 'IAM:putrolepolicy')
const resources = pick('arn:aws:s3:::a/b', 'arn:aws:iam::111122223333:role/web', '*')
const resourcePatterns = pick('*', 'arn:aws:s3:::*', `arn:aws:s3:::\${aws:username}/*`, 'arn:aws:iam::*:role/web')
const users = fc.option(pick('a', 'b'), { nil: undefined })
const conditions = pick<object | undefined>(
  undefined,
  { StringEquals: { 'aws:username': 'a' } },
  { StringNotLikeIfExists: { 'aws:username': ['a', 'c*'] } },
  { Null: { 'aws:username': 'true' } },
)

const statements = fc
  .record({
    effect: pick('Allow', 'Deny'),
    action: fc.tuple(pick('Action', 'NotAction'), actionPatterns),
    resource: fc.tuple(pick('Resource', 'NotResource'), resourcePatterns),
    condition: conditions,
  })
  .map(({ effect, action, resource, condition }) => ({
    Effect: effect,
    [action[0]]: action[1],
    [resource[0]]: resource[1],
    ...(condition ? { Condition: condition } : {}),
  }))
const policies = fc.array(fc.array(statements, { minLength: 1, maxLength: 4 }), { maxLength: 3 })
const requests = fc
  .record({ action: actions, resource: resources, user: users })
  .map(({ user, ...rest }) => request({ ...rest, context: user === undefined ? {} : { 'aws:username': [user] } }))

const decide = (lists: readonly (readonly object[])[], asked: ReturnType<typeof request>) =>
  evaluate(
    lists.map((list, index) => policy(`p${index}`, ...list)),
    asked,
  ).decision

describe('any policies', () => {
  it('adding a Deny never allows more', () => {
    fc.assert(
      fc.property(policies, statements, requests, (lists, added, asked) => {
        if (decide([...lists, [{ ...added, Effect: 'Deny' }]], asked) !== 'allowed') return
        expect(decide(lists, asked)).toBe('allowed')
      }),
    )
  })
  it('adding an Allow never takes an allow away, and never lifts an explicit deny', () => {
    fc.assert(
      fc.property(policies, statements, requests, (lists, added, asked) => {
        const was = decide(lists, asked)
        const is = decide([...lists, [{ ...added, Effect: 'Allow' }]], asked)
        expect(is === was || (was === 'implicitDeny' && is === 'allowed')).toBe(true)
      }),
    )
  })
  it('their order, and the order of their statements, is irrelevant', () => {
    fc.assert(
      fc.property(policies, requests, (lists, asked) => {
        expect(
          decide(
            lists.toReversed().map((list) => list.toReversed()),
            asked,
          ),
        ).toBe(decide(lists, asked))
      }),
    )
  })
  it('one policy of all statements decides as the policies together', () => {
    fc.assert(
      fc.property(policies, requests, (lists, asked) => {
        const all = lists.flat()
        expect(decide(all.length === 0 ? [] : [all], asked)).toBe(decide(lists, asked))
      }),
    )
  })
  it('the case of the action is irrelevant', () => {
    fc.assert(
      fc.property(policies, requests, (lists, asked) => {
        expect(decide(lists, { ...asked, action: asked.action.toUpperCase() })).toBe(decide(lists, asked))
      }),
    )
  })
})

describe('wildcards', () => {
  const text = fc.string({ unit: pick('a', 'b', '*', '?', '.') })
  it('match as the regular expression of the same meaning', () => {
    fc.assert(
      fc.property(text, text, (pattern, value) => {
        const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.')
        expect(matchesTokens(wildcardTokens(pattern), value)).toBe(new RegExp(`^${source}$`, 's').test(value))
      }),
    )
  })
  it('take no more than pattern × text steps for a pattern made to backtrack', () => {
    expect(matchesTokens(wildcardTokens(`${'*a'.repeat(50)}b`), 'a'.repeat(5_000))).toBe(false)
  })
})
