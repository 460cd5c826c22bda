import { describe, expect, it } from 'vitest'
import { isHeld } from './policies.ts'

type Row = readonly [rule: string, condition: object, context: Record<string, readonly string[]>, held: boolean]

const table = (title: string, rows: readonly Row[]): void => {
  describe(title, () => {
    it.each(rows)('%s', (_rule, condition, context, held) => {
      expect(isHeld(condition, context)).toBe(held)
    })
  })
}

const role = ['arn:aws:iam::111122223333:role/web-app']
const tag = (value: string) => ({ 'aws:PrincipalTag/team': [value] })

table('string operators', [
  ['StringEquals is case-sensitive', { StringEquals: { 'aws:PrincipalTag/team': 'Blue' } }, tag('blue'), false],
  ['StringEquals takes a star for a star', { StringEquals: { 'aws:PrincipalTag/team': 'b*' } }, tag('blue'), false],
  [
    'StringEqualsIgnoreCase is not case-sensitive',
    { StringEqualsIgnoreCase: { 'aws:PrincipalTag/team': 'Blue' } },
    tag('bLUE'),
    true,
  ],
  [
    'StringNotEqualsIgnoreCase is its opposite',
    { StringNotEqualsIgnoreCase: { 'aws:PrincipalTag/team': 'Blue' } },
    tag('bLUE'),
    false,
  ],
  ['StringLike knows *', { StringLike: { 'aws:PrincipalTag/team': 'b*e' } }, tag('blue'), true],
  ['StringLike knows ?', { StringLike: { 'aws:PrincipalTag/team': 'bl?e' } }, tag('blue'), true],
  ['? is exactly one character', { StringLike: { 'aws:PrincipalTag/team': 'blue?' } }, tag('blue'), false],
  ['StringLike is case-sensitive', { StringLike: { 'aws:PrincipalTag/team': 'B*' } }, tag('blue'), false],
  ['StringNotLike is its opposite', { StringNotLike: { 'aws:PrincipalTag/team': 'b*' } }, tag('blue'), false],
  ['several values are ORed', { StringEquals: { 'aws:PrincipalTag/team': ['red', 'blue'] } }, tag('blue'), true],
  [
    'several values of a negated operator are NORed',
    { StringNotEquals: { 'aws:PrincipalTag/team': ['red', 'blue'] } },
    tag('blue'),
    false,
  ],
  ['none of them equal is what NOR means', { StringNotEquals: { 'aws:PrincipalTag/team': ['red', 'blue'] } }, tag('green'), true],
  ['key names are not case-sensitive', { StringEquals: { 'AWS:principalTAG/Team': 'blue' } }, tag('blue'), true],
  ['BinaryEquals compares the encoded text', { BinaryEquals: { 'aws:PrincipalTag/team': 'Ymx1ZQ==' } }, tag('Ymx1ZQ=='), true],
])

table('several keys and operators', [
  [
    'keys of one operator are ANDed',
    { StringEquals: { 'aws:username': 'a', 'aws:userid': 'b' } },
    { 'aws:username': ['a'], 'aws:userid': ['c'] },
    false,
  ],
  [
    'operators are ANDed',
    { StringEquals: { 'aws:username': 'a' }, StringLike: { 'aws:userid': '*' } },
    { 'aws:username': ['a'], 'aws:userid': ['c'] },
    true,
  ],
  [
    'one of two operators is not enough',
    { StringEquals: { 'aws:username': 'a' }, Bool: { 'aws:SecureTransport': true } },
    { 'aws:username': ['a'] },
    false,
  ],
])

table('a key that is not in the request', [
  ['StringEquals does not hold', { StringEquals: { 'aws:username': 'a' } }, {}, false],
  ['StringNotEquals holds', { StringNotEquals: { 'aws:username': 'a' } }, {}, true],
  ['ArnNotLike holds', { ArnNotLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/x' } }, {}, true],
  ['NotIpAddress holds', { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } }, {}, true],
  ['DateNotEquals holds', { DateNotEquals: { 'aws:TokenIssueTime': '2026-11-25T02:10:00Z' } }, {}, true],
  ['DateLessThan does not hold', { DateLessThan: { 'aws:TokenIssueTime': '2026-11-25T02:10:00Z' } }, {}, false],
  ['DateLessThanIfExists holds', { DateLessThanIfExists: { 'aws:TokenIssueTime': '2026-11-25T02:10:00Z' } }, {}, true],
  ['BoolIfExists holds', { BoolIfExists: { 'aws:MultiFactorAuthPresent': 'false' } }, {}, true],
  ['Bool does not hold', { Bool: { 'aws:MultiFactorAuthPresent': 'false' } }, {}, false],
  ['a key with no value counts as absent', { StringEqualsIfExists: { 'aws:username': 'a' } }, { 'aws:username': [] }, true],
  ['Null true holds', { Null: { 'ec2:SourceInstanceARN': 'true' } }, {}, true],
  ['Null false does not hold', { Null: { 'ec2:SourceInstanceARN': 'false' } }, {}, false],
  [
    'Null false holds for a key that is there',
    { Null: { 'ec2:SourceInstanceARN': false } },
    { 'ec2:SourceInstanceARN': ['arn:aws:ec2:eu-west-1:111122223333:instance/i-1'] },
    true,
  ],
  [
    'IfExists still compares a key that is there',
    { StringEqualsIfExists: { 'aws:username': 'a' } },
    { 'aws:username': ['b'] },
    false,
  ],
])

table('ARN operators', [
  [
    'ArnEquals knows wildcards',
    { ArnEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/web-*' } },
    { 'aws:PrincipalArn': role },
    true,
  ],
  [
    'ArnLike compares each of the six parts',
    { ArnLike: { 'aws:PrincipalArn': 'arn:aws:*:role/web-app' } },
    { 'aws:PrincipalArn': role },
    false,
  ],
  [
    'a star stays within its part',
    { ArnLike: { 'aws:PrincipalArn': 'arn:aws:i*:role/web-app:x:y' } },
    { 'aws:PrincipalArn': role },
    false,
  ],
  ['a lone star is any ARN', { ArnLike: { 'aws:PrincipalArn': '*' } }, { 'aws:PrincipalArn': role }, true],
  [
    'the sixth part may hold colons',
    { ArnLike: { 'aws:SourceArn': 'arn:aws:logs:*:*:log-group:*' } },
    { 'aws:SourceArn': ['arn:aws:logs:eu-west-1:111122223333:log-group:web'] },
    true,
  ],
  ['ArnNotEquals is the opposite', { ArnNotEquals: { 'aws:PrincipalArn': role } }, { 'aws:PrincipalArn': role }, false],
])

const issued = (time: string) => ({ 'aws:TokenIssueTime': [time] })
const at = '2026-11-25T02:10:00Z'

table('date operators', [
  ['DateLessThan is strict', { DateLessThan: { 'aws:TokenIssueTime': at } }, issued(at), false],
  ['DateLessThanEquals is not', { DateLessThanEquals: { 'aws:TokenIssueTime': at } }, issued(at), true],
  ['DateGreaterThan is strict', { DateGreaterThan: { 'aws:TokenIssueTime': at } }, issued(at), false],
  ['DateGreaterThanEquals is not', { DateGreaterThanEquals: { 'aws:TokenIssueTime': at } }, issued(at), true],
  ['another zone is the same moment', { DateEquals: { 'aws:TokenIssueTime': at } }, issued('2026-11-25T03:10:00+01:00'), true],
  ['epoch seconds are the same moment', { DateEquals: { 'aws:TokenIssueTime': '1795572600' } }, issued(at), true],
  ['fractions of a second count', { DateLessThan: { 'aws:TokenIssueTime': at } }, issued('2026-11-25T02:09:59.999Z'), true],
  [
    'a day is its first moment',
    { DateEquals: { 'aws:CurrentTime': '2026-11-25' } },
    { 'aws:CurrentTime': ['2026-11-25T00:00Z'] },
    true,
  ],
  ['a year is its first moment', { DateLessThan: { 'aws:CurrentTime': '2027' } }, { 'aws:CurrentTime': [at] }, true],
  ['what is no date in the request does not compare', { DateLessThan: { 'aws:TokenIssueTime': at } }, issued('yesterday'), false],
])

table('numbers, truth and addresses', [
  ['numbers compare by value', { NumericEquals: { 'ec2:RoleDelivery': '1.0' } }, { 'ec2:RoleDelivery': ['1'] }, true],
  ['a JSON number is a value', { NumericLessThan: { 'ec2:RoleDelivery': 2 } }, { 'ec2:RoleDelivery': ['1.0'] }, true],
  ['NumericNotEquals is the opposite', { NumericNotEquals: { 'ec2:RoleDelivery': '2.0' } }, { 'ec2:RoleDelivery': ['2'] }, false],
  ['NumericGreaterThanEquals', { NumericGreaterThanEquals: { 's3:max-keys': '10' } }, { 's3:max-keys': ['10'] }, true],
  ['a JSON boolean is a value', { Bool: { 'aws:SecureTransport': false } }, { 'aws:SecureTransport': ['false'] }, true],
  [
    'an IPv4 address lies in its range',
    { IpAddress: { 'aws:SourceIp': ['203.0.113.0/24'] } },
    { 'aws:SourceIp': ['203.0.113.9'] },
    true,
  ],
  ['and not in the next', { IpAddress: { 'aws:SourceIp': ['203.0.112.0/24'] } }, { 'aws:SourceIp': ['203.0.113.9'] }, false],
  [
    'an address without a prefix is itself',
    { IpAddress: { 'aws:SourceIp': '203.0.113.9' } },
    { 'aws:SourceIp': ['203.0.113.9'] },
    true,
  ],
  [
    'an IPv6 address lies in its range',
    { IpAddress: { 'aws:SourceIp': '2001:db8::/32' } },
    { 'aws:SourceIp': ['2001:DB8:0:1::9'] },
    true,
  ],
  [
    'NotIpAddress with two ranges means neither',
    { NotIpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '203.0.113.0/24'] } },
    { 'aws:SourceIp': ['203.0.113.9'] },
    false,
  ],
  [
    'a service name is no address',
    { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } },
    { 'aws:SourceIp': ['cloudformation.amazonaws.com'] },
    false,
  ],
])

const keys = (...values: string[]) => ({ 'aws:TagKeys': values })

table('set operators', [
  ['ForAnyValue: one match is enough', { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } }, keys('a', 'b'), true],
  ['ForAnyValue: absent key does not hold', { 'ForAnyValue:StringEquals': { 'aws:TagKeys': 'a' } }, {}, false],
  ['ForAnyValue: nor does a negated operator', { 'ForAnyValue:StringNotEquals': { 'aws:TagKeys': 'a' } }, {}, false],
  ['ForAnyValue negated: one value outside', { 'ForAnyValue:StringNotEquals': { 'aws:TagKeys': 'a' } }, keys('a', 'b'), true],
  ['ForAllValues: every value must match', { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['a', 'c'] } }, keys('a', 'b'), false],
  ['ForAllValues: the request is a subset', { 'ForAllValues:StringLike': { 'aws:TagKeys': ['a*', 'c'] } }, keys('ab', 'c'), true],
  ['ForAllValues: absent key holds', { 'ForAllValues:StringEquals': { 'aws:TagKeys': 'a' } }, {}, true],
  ['ForAllValues negated: no value inside', { 'ForAllValues:StringNotEquals': { 'aws:TagKeys': 'a' } }, keys('a', 'b'), false],
  ['ForAnyValue with IfExists: absent key holds', { 'ForAnyValue:StringEqualsIfExists': { 'aws:TagKeys': 'a' } }, {}, true],
])

table('policy variables in values', [
  [
    'a variable is the value of its key',
    { StringEquals: { 'aws:ResourceTag/owner': `\${aws:username}` } },
    { 'aws:ResourceTag/owner': ['kim'], 'aws:username': ['kim'] },
    true,
  ],
  [
    'a variable without value equals nothing',
    { StringEquals: { 'aws:ResourceTag/owner': `\${aws:username}` } },
    { 'aws:ResourceTag/owner': [''] },
    false,
  ],
  [
    'so its negation holds',
    { StringNotEquals: { 'aws:ResourceTag/owner': `\${aws:username}` } },
    { 'aws:ResourceTag/owner': ['kim'] },
    true,
  ],
  [
    'a default stands in',
    { StringEquals: { 'aws:ResourceTag/team': `\${aws:PrincipalTag/team, 'all'}` } },
    { 'aws:ResourceTag/team': ['all'] },
    true,
  ],
  ['dollar-brace-star is a star', { StringLike: { 'aws:username': `a\${*}` } }, { 'aws:username': ['ab'] }, false],
  [
    'a value of the request is never a wildcard',
    { StringLike: { 'aws:ResourceTag/owner': `\${aws:username}` } },
    { 'aws:ResourceTag/owner': ['kim'], 'aws:username': ['*'] },
    false,
  ],
  [
    'a key with several values is no variable',
    { StringEquals: { 'aws:userid': `\${aws:TagKeys}` } },
    { 'aws:userid': ['a'], 'aws:TagKeys': ['a', 'b'] },
    false,
  ],
])
