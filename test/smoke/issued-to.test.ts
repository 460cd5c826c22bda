import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { endedOf, eventsOf } from '../support/bin-events.ts'
import { emptyHomes } from '../support/homes.ts'
import { UNATTENDED } from '../support/place.ts'
import { serveAccount } from '../support/served-account.ts'
import { ranBin } from '../support/start-bin.ts'

const home = emptyHomes()

/** A finding about a session of role release, which is named after an instance of role web-app. */
const ofAChosenName = {
  Id: '30bf285e52a1e405084ff6ec28e06e17',
  Type: 'Persistence:IAMUser/AnomalousBehavior',
  AccountId: '111122223333',
  Region: 'us-east-1',
  Partition: 'aws',
  Severity: 5,
  CreatedAt: '2026-11-25T01:00:00Z',
  UpdatedAt: '2026-11-25T01:50:00Z',
  Title: 'An API was called in an unusual way.',
  Resource: {
    ResourceType: 'AccessKey',
    AccessKeyDetails: {
      AccessKeyId: 'ASIAEXAMPLEEXAMPLE77',
      PrincipalId: 'AROAEXAMPLEEXAMPLE777:i-0bb2c3d4e5f607182',
      UserName: 'release',
      UserType: 'AssumedRole',
    },
  },
  Service: {
    Count: 3,
    Action: { ActionType: 'AWS_API_CALL', AwsApiCallAction: { RemoteIpDetails: { IpAddressV4: '192.0.2.99' } } },
  },
}

describe('a response over the wire to a session that is named after an innocent instance', () => {
  it('revokes the session, touches no instance, and ends unconfirmed with the command that contains who obtained it', async () => {
    const file = join(home(), 'finding.json')
    writeFileSync(file, JSON.stringify(ofAChosenName))
    const account = await serveAccount(home(), ['--finding', file])
    try {
      const ran = await ranBin(['respond', file, '--endpoint-url', account.endpoint, ...UNATTENDED], {
        env: account.responderAt(home()),
      })
      const intended = eventsOf(ran).filter(({ type }) => type === 'intended')
      const operations = intended.map(({ effect }) => (effect as { operation: string }).operation)
      expect(operations).toContain('iam:PutRolePolicy')
      expect(operations.filter((operation) => /^(?:ec2|ssm):/.test(operation))).toEqual([])
      expect(endedOf(ran)).toMatchObject({ ending: 'completed', exitCode: 6 })
      expect(ran.stdout).toContain('aws iam update-access-key --user-name release-pipeline --access-key-id AKIA')
      expect(ran.code).toBe(6)
    } finally {
      await account.stop()
    }
  })
})
