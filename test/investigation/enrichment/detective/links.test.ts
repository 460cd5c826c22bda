import { describe, expect, it } from 'vitest'
import type { LinkScope } from '../../../../src/aws/console-links.ts'
import type { Instant } from '../../../../src/incident/values/instant.ts'
import { untrusted } from '../../../../src/incident/values/untrusted.ts'
import { detectiveLinks } from '../../../../src/investigation/enrichment/detective/links.ts'
import { ROLE_ARN } from '../../../support/detective-connection.ts'

const scope: LinkScope = {
  partition: 'aws',
  region: 'us-east-1',
  from: '2026-11-25T01:00:00Z' as Instant,
  until: '2026-11-25T02:00:00Z' as Instant,
}
const entity = { accountId: '111122223333', entityArn: ROLE_ARN, entityId: 'AROA1' }
const labels = (...given: Parameters<typeof detectiveLinks>) => detectiveLinks(...given).map(({ label }) => label)
const ips = (...values: string[]) => values.map((value) => ({ type: 'X', detail: [['IpAddress', untrusted(value)]] as const }))

describe('links into Detective’s console', () => {
  it('lead to whatever is known of the entity', () => {
    expect(labels(scope, entity)).toEqual(['role', 'all investigations'])
    const whole = { ...entity, principalId: 'AROA1:x', instanceId: 'i-0', findingIds: ['f'], addresses: ['192.0.2.1'] }
    expect(labels(scope, whole, '1'.repeat(21))).toEqual([
      ...['role session', 'role', 'finding', 'address 192.0.2.1', 'instance', 'investigation', 'all investigations'],
    ])
  })

  it('lead to a user by its own page', () => {
    const user = {
      accountId: '111122223333',
      entityArn: 'arn:aws:iam::111122223333:user/alice',
      entityId: 'AIDA1',
      principalId: 'AIDA1',
    }
    expect(detectiveLinks(scope, user)[0]).toMatchObject({
      label: 'user',
      url: expect.stringContaining('#entities/AwsUser/AIDA1?'),
    })
    expect(labels(scope, user)).not.toContain('role session')
  })

  it('lead to the addresses that indicators name, each once, and to nothing that is none', () => {
    const found = labels(
      scope,
      { ...entity, addresses: ['192.0.2.1'] },
      undefined,
      ips('192.0.2.1', '2001:db8::1', '../evil', 'x'),
    )
    expect(found.filter((label) => label.startsWith('address'))).toEqual(['address 192.0.2.1', 'address 2001:db8::1'])
  })

  it('lead to ten addresses at most', () => {
    const many = ips(...Array.from({ length: 30 }, (_, index) => `192.0.2.${index}`))
    expect(labels(scope, entity, undefined, many).filter((label) => label.startsWith('address'))).toHaveLength(10)
  })

  it('lead to GovCloud’s console in GovCloud, and nowhere in China', () => {
    const gov = detectiveLinks({ ...scope, partition: 'aws-us-gov', region: 'us-gov-west-1' }, entity)
    for (const { url } of gov)
      expect(url).toMatch(/^https:\/\/console\.amazonaws-us-gov\.com\/detective\/home\?region=us-gov-west-1#/)
    expect(detectiveLinks({ ...scope, partition: 'aws-cn', region: 'cn-north-1' }, entity)).toEqual([])
  })
})
