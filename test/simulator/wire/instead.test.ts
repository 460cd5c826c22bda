import { describe, expect, it } from 'vitest'
import { unservedSentence } from '../../../src/simulator/wire/instead.ts'

describe('an operation that the account does not serve', () => {
  it('is named with its service, and nothing is said to have happened', () => {
    expect(unservedSentence('iam', 'UploadServerCertificate')).toBe(
      'The simulated account does not serve UploadServerCertificate of iam: nothing was read or changed.',
    )
  })

  it.each([
    ['ssm', 'StartSession', 'send-command'],
    ['ec2', 'CreateSnapshot', 'create-snapshots'],
  ])('%s %s says what does the same here', (service, operation, instead) => {
    expect(unservedSentence(service, operation)).toContain(instead)
  })
})
