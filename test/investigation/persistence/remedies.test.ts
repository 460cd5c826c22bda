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
})
