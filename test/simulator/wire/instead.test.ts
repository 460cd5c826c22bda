import { describe, expect, it } from 'vitest'
import { unservedSentence, unservedServiceSentence } from '../../../src/simulator/wire/instead.ts'

describe('an operation that the account does not serve', () => {
  it('is named with its service, and nothing is said to have happened', () => {
    expect(unservedSentence('iam', 'UploadServerCertificate')).toBe(
      'The simulated account does not serve UploadServerCertificate of iam: nothing was read or changed.',
    )
  })

  it.each([['ssm', 'StartSession', 'send-command']])('%s %s says what does the same here', (service, operation, instead) => {
    expect(unservedSentence(service, operation)).toContain(instead)
  })
})

describe('a service that the account does not serve', () => {
  it('is named, with where its calls can be seen when the account has any', () => {
    expect(unservedServiceSentence('secretsmanager')).toMatch(
      /does not serve secretsmanager: nothing was read or changed\. .*AttributeValue=secretsmanager\.amazonaws\.com/,
    )
    expect(unservedServiceSentence('sqs')).toBe('The simulated account does not serve sqs: nothing was read or changed.')
  })
})
