import { describe, expect, it } from 'vitest'
import { unknownMembers } from '../../../src/simulator/wire/unknown-members.ts'
import { validate } from '../../../src/simulator/wire/validation.ts'

describe('a parameter that the simulated service does not look at', () => {
  it('is refused by its name, and nothing is said to have happened', () => {
    expect(() => validate('lambda', 'UpdateFunctionConfiguration', { FunctionName: 'f', VpcConfig: { SubnetIds: [] } })).toThrow(
      'The simulated account does not know the parameter VpcConfig of UpdateFunctionConfiguration: nothing was read or changed.',
    )
  })

  it('is refused in the code of its service', () => {
    const codeOf = (run: () => void): unknown => {
      try {
        run()
      } catch (error) {
        return (error as { code: unknown }).code
      }
      return undefined
    }
    expect([
      codeOf(() => validate('ec2', 'TerminateInstances', { InstanceIds: ['i-1'], Force: true })),
      codeOf(() =>
        validate('iam', 'CreateSAMLProvider', {
          Name: 'a',
          SAMLMetadataDocument: 'x'.repeat(1000),
          Tags: [{ Key: 'a', Value: 'b' }],
        }),
      ),
      codeOf(() => validate('eks', 'ListClusters', { include: ['all'] })),
      codeOf(() =>
        validate('guardduty', 'UpdateFindingsFeedback', {
          DetectorId: 'a',
          FindingIds: ['b'],
          Feedback: 'USEFUL',
          Comments: 'c',
        }),
      ),
    ]).toEqual(['UnknownParameter', 'ValidationError', 'ValidationException', 'BadRequestException'])
  })

  it.each([
    ['no value', undefined],
    ['false', false],
    ['an empty list', []],
  ])('asks nothing with %s', (_, Force) => {
    expect(unknownMembers({ service: 'ec2', operation: 'TerminateInstances', input: { Force } })).toEqual([])
  })

  it.each(['ClientToken', 'clientRequestToken', 'MaxResults'])('%s is taken, because nothing depends on it', (name) => {
    expect(unknownMembers({ service: 'eks', operation: 'ListClusters', input: { [name]: 'x' } })).toEqual([])
  })
})
