import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  accountNamedBy,
  arnOf,
  findingArnOf,
  instanceNamedBy,
  isAccessKeyId,
  isInstanceId,
  isRoleName,
  isTemporaryKeyId,
  isUniqueId,
  otherCredential,
  roleOfArn,
  roleSessionOf,
  uniqueIdOwner,
} from '../../../src/incident/values/identifiers.ts'

const charsOf = (alphabet: string, minLength: number, maxLength = minLength) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength })

const NAME = 'ABCabc019_+=,.@-'
const account = charsOf('0123456789', 12)
const partition = fc.constantFrom('aws', 'aws-cn', 'aws-us-gov', 'aws-iso-b', 'aws-eusc')
const path = fc
  .array(charsOf('abcXYZ019_.-', 1, 12), { maxLength: 4 })
  .map((folders) => `/${folders.map((one) => `${one}/`).join('')}`)

describe('an identifier', () => {
  it.each(['ASIAXCSEC6TNGZ6EZUUO', 'AKIAIOSFODNN7EXAMPLE'])('%s is an access key id', (id) => {
    expect(isAccessKeyId(id)).toBe(true)
    expect(isTemporaryKeyId(id)).toBe(id.startsWith('ASIA'))
  })

  it.each([
    'asiaxcsec6tngz6ezuuo',
    'ASIAXCSEC6TNGZ6EZUU',
    'ASIAXCSEC6TNGZ6EZUUO0',
    'AROAXCSEC6TNGZ6EZUUO',
    ' ASIAXCSEC6TNGZ6EZUUO',
    'ASIAXCSEC6TNGZ6EZUUO\n',
    '',
  ])('%j is no access key id', (id) => {
    expect(isAccessKeyId(id)).toBe(false)
  })

  it('an instance id has 8 or 17 digits from 0-9 and a-f', () => {
    expect(['i-1234abcd', 'i-08faaaafb15777f5a'].filter(isInstanceId)).toHaveLength(2)
    expect(
      ['i-1234abc', 'i-08faaaafb15777f5', 'i-08FAAAAFB15777F5A', 'mi-08faaaafb15777f5a', 'i-08faaaafb15777f5g'].filter(
        isInstanceId,
      ),
    ).toEqual([])
  })

  it('a unique id says what it belongs to, and an access key belongs to nothing else', () => {
    expect(uniqueIdOwner('AROAXCSEC6TNGZ6EZUUO')).toBe('a role')
    expect(uniqueIdOwner('ASIAXCSEC6TNGZ6EZUUO')).toBeUndefined()
    expect(otherCredential('ABIAXCSEC6TNGZ6EZUUO')).toBe('an STS service bearer token')
    expect(isUniqueId('AIDAXCSEC6TNGZ6EZUUO')).toBe(true)
    expect(isUniqueId('accounts.google.com')).toBe(false)
  })
})

describe('the ARN of a role', () => {
  it('gives partition, account, path and name as IAM has them', () => {
    fc.assert(
      fc.property(partition, account, path, charsOf(NAME, 1, 64), (inPartition, accountId, rolePath, roleName) => {
        const role = roleOfArn(`arn:${inPartition}:iam::${accountId}:role${rolePath}${roleName}`)
        expect(role).toEqual({ partition: inPartition, accountId, path: rolePath, roleName })
        expect(isRoleName(roleName)).toBe(true)
      }),
    )
  })

  it('the ARN of a session gives the names of the role and the session, and no path, since STS leaves it out', () => {
    fc.assert(
      fc.property(account, charsOf(NAME, 1, 64), charsOf(NAME, 2, 64), (accountId, roleName, sessionName) => {
        const role = roleOfArn(`arn:aws:sts::${accountId}:assumed-role/${roleName}/${sessionName}`)
        expect(role).toEqual({ partition: 'aws', accountId, roleName, sessionName })
      }),
    )
  })

  it.each([
    'arn:aws:iam::111122223333:user/alice',
    'arn:aws:iam::11112222333:role/short-account',
    'arn:aws:iam::111122223333:role/',
    'arn:aws:iam:us-east-1:111122223333:role/with-region',
    'arn:aws:sts::111122223333:role/of-the-wrong-service',
    `arn:aws:iam::111122223333:role/${'a'.repeat(65)}`,
    'arn:aws:iam::111122223333:role/name with space',
    'web-app',
    '',
  ])('%j is none', (text) => {
    expect(roleOfArn(text)).toBeUndefined()
  })
})

describe('other texts', () => {
  it('no text at all makes any of them throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ unit: 'binary' }),
          fc.string().map((rest) => `arn:aws:iam::111122223333:${rest}`),
        ),
        (text) => {
          for (const read of [arnOf, accountNamedBy, roleOfArn, findingArnOf, roleSessionOf, instanceNamedBy, uniqueIdOwner])
            read(text)
        },
      ),
    )
  })

  it('a principal id gives role and session, and an instance only where the session is named like one', () => {
    expect(roleSessionOf('AROAXCSEC6TNGZ6EZUUO:deploy')).toEqual({ roleId: 'AROAXCSEC6TNGZ6EZUUO', sessionName: 'deploy' })
    expect(roleSessionOf('AIDAXCSEC6TNGZ6EZUUO')).toBeUndefined()
    expect(instanceNamedBy('AROAXCSEC6TNGZ6EZUUO:i-08faaaafb15777f5a')).toBe('i-08faaaafb15777f5a')
    expect(instanceNamedBy('AROAXCSEC6TNGZ6EZUUO:i-08faaaafb15777f5')).toBeUndefined()
  })

  it('the ARN of a finding gives its Region, detector and id', () => {
    const arn = 'arn:aws-cn:guardduty:cn-north-1:111122223333:detector/aab/finding/0123456789abcdef0123456789abcdef'
    expect(findingArnOf(arn)).toMatchObject({
      region: 'cn-north-1',
      detectorId: 'aab',
      findingId: '0123456789abcdef0123456789abcdef',
    })
    expect(findingArnOf('arn:aws:guardduty::111122223333:detector/aab/finding/x')).toBeUndefined()
  })

  it('an account is known by its id or by an ARN that names it', () => {
    expect(accountNamedBy('111122223333')).toBe('111122223333')
    expect(accountNamedBy('arn:aws:iam::111122223333:root')).toBe('111122223333')
    expect(accountNamedBy('arn:aws:iam::aws:policy/AdministratorAccess')).toBeUndefined()
    expect(accountNamedBy('arn:aws:s3:::bucket')).toBeUndefined()
  })
})
