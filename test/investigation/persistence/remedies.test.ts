import { describe, expect, it } from 'vitest'
import { leftBy } from '../analysis/records.ts'

describe('a remedy', () => {
  const onBus = { name: 'nightly', eventBusName: 'orders' }
  const ofAlias = { functionName: 'door', statementId: 's', qualifier: 'live' }
  const inGroup = { name: 'nightly', groupName: 'jobs' }
  it.each([
    ['events:PutRule', onBus, 'eventBusName', 'aws events delete-rule --event-bus-name orders --name nightly --region eu-west-1'],
    [
      'lambda:AddPermission20150331v2',
      ...[ofAlias, 'qualifier'],
      'aws lambda remove-permission --function-name door --qualifier live --statement-id s --region eu-west-1',
    ],
    [
      'scheduler:CreateSchedule',
      ...[inGroup, 'groupName'],
      'aws scheduler delete-schedule --group-name jobs --name nightly --region eu-west-1',
    ],
  ] as const)(
    'a remedy for %s has the optional name when the record has it, and is a sentence when that name is malformed',
    (event, request, where, command) => {
      const remedyFor = (asked: object) => leftBy({ event, request: asked })[0]?.remedy
      expect(remedyFor(request)).toHaveProperty('command', command)
      const [option] = command.match(/ --(?:event-bus-name|qualifier|group-name) \w+/) ?? []
      expect(remedyFor({ ...request, [where]: undefined })).toHaveProperty('command', command.replace(option ?? '', ''))
      expect(remedyFor({ ...request, [where]: '$(id)' })).toHaveProperty('sentence')
    },
  )

  it.each([
    [
      'iam:UpdateAssumeRolePolicy',
      { roleName: 'deploy', policyDocument: '{}' },
      `aws iam get-role --role-name deploy --query Role.AssumeRolePolicyDocument --output json > trust-policy.json && "\${EDITOR:-vi}" trust-policy.json && aws iam update-assume-role-policy --role-name deploy --policy-document file://trust-policy.json`,
    ],
    [
      's3:PutBucketPolicy',
      { bucketName: 'orders', bucketPolicy: {} },
      `aws s3api get-bucket-policy --bucket orders --query Policy --output text --region eu-west-1 > bucket-policy.json && "\${EDITOR:-vi}" bucket-policy.json && aws s3api put-bucket-policy --bucket orders --policy file://bucket-policy.json --region eu-west-1`,
    ],
    [
      'kms:PutKeyPolicy',
      { keyId: '0a1b2c3d-0000-4000-8000-000000000000', policy: '{}' },
      `aws kms get-key-policy --key-id 0a1b2c3d-0000-4000-8000-000000000000 --policy-name default --query Policy --output text --region eu-west-1 > key-policy.json && "\${EDITOR:-vi}" key-policy.json && aws kms put-key-policy --key-id 0a1b2c3d-0000-4000-8000-000000000000 --policy-name default --policy file://key-policy.json --region eu-west-1`,
    ],
  ] as const)('for a policy that was changed reads it, opens it, and writes it back: %s', (event, request, command) => {
    expect(leftBy({ event, request })[0]?.remedy).toMatchObject({
      command,
      note: expect.stringContaining('In the editor, remove'),
    })
  })

  it('for a policy holds no name that a shell may read as something else', () => {
    const names = ["deploy'; id; '", '$(id)', 'a b', '-x']
    for (const roleName of names)
      expect(leftBy({ event: 'iam:UpdateAssumeRolePolicy', request: { roleName } })[0]?.remedy).toHaveProperty('sentence')
  })
})
