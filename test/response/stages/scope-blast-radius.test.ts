import { describe, expect, it } from 'vitest'
import type { BlastRadius } from '../../../src/incident/facts/facts.ts'
import { untrusted } from '../../../src/incident/values/untrusted.ts'
import { scopeBlastRadius } from '../../../src/response/stages/scope-blast-radius.ts'
import type { AccountRole } from '../../../src/simulator/account/account.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import { blockText } from '../../support/block-text.ts'
import { blastRadiusLike } from '../../support/rotation.ts'
import { build, lookAt, subjectInstanceOf } from '../../support/scenario.ts'
import { assessed, factOf, subjectLike } from '../../support/stage-context.ts'
import { onAccount, scoped } from '../../support/stage-on-account.ts'

const said = (radius: BlastRadius): string => blockText(scopeBlastRadius.describe({ blastRadius: radius }))

const radiusOf = async (built: BuiltScenario): Promise<BlastRadius> => {
  const { context } = await onAccount(built)
  return factOf(await assessed(scopeBlastRadius, { subject: subjectLike() }, context))
}

const changedRole = async (change: (role: AccountRole) => Partial<AccountRole>): Promise<BuiltScenario> => {
  const built = await build('custom-threat-list')
  const role = built.account.roles.get('web-app')
  if (role) built.account.roles.set('web-app', { ...role, ...change(role) })
  return built
}

const allow = (Action: string) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] })

describe('the blast radius of a role on three instances and a function', () => {
  it('names the other consumers, each with what restores it', async () => {
    const { consumers } = await radiusOf(await lookAt('custom-threat-list'))
    expect(consumers).toEqual([
      {
        kind: 'instance',
        name: 'i-0aa1b2c3d4e5f6071',
        region: 'us-east-1',
        label: untrusted('web-2'),
        remedy: expect.stringContaining('stop and start'),
        launchTime: expect.stringMatching(/Z$/),
      },
      {
        kind: 'instance',
        name: 'i-0bb2c3d4e5f607182',
        region: 'us-east-1',
        label: untrusted('web-3'),
        remedy: expect.stringContaining('stop and start'),
        launchTime: expect.stringMatching(/Z$/),
      },
      { kind: 'service', name: 'lambda.amazonaws.com', remedy: expect.stringContaining('configuration') },
    ])
  })

  it('names the KMS keys and the instance store that a restart depends on, and says so before the stop', async () => {
    const built = await build('custom-threat-list')
    const { instances, volumes } = built.account
    const kmsKeyId = 'arn:aws:kms:us-east-1:111122223333:key/7ab2c0d4-e6f8-1a3b-5c7d-9e0f1a2b3c4d'
    for (const volume of volumes.values()) volumes.set(volume.id, { ...volume, kmsKeyId })
    instances.set('i-08faaaafb15777f5a', { ...subjectInstanceOf(built), type: 'm5d.large' })
    const radius = await radiusOf(built)
    expect(radius.storage).toEqual({ kmsKeys: [kmsKeyId], customerKeys: [], awsKeys: [], instanceStoreGb: 75 })
    expect(said(radius)).toMatch(/may have instance-store volumes, up to 75 GB: the stop destroys what is on them/)
    expect(said(radius)).toContain(`encrypted with ${kmsKeyId}`)
    expect(said(radius)).toContain('kms:CreateGrant')
  })

  const encryptedWith = async (
    manager: 'AWS' | undefined,
    spoil: (built: Awaited<ReturnType<typeof build>>) => void = () => {},
  ) => {
    const built = await build('custom-threat-list')
    const { volumes, kmsKeys } = built.account
    const id = '7ab2c0d4-e6f8-1a3b-5c7d-9e0f1a2b3c4d'
    kmsKeys.set(id, { id, description: 'disks', createdAt: 0, grants: new Map(), ...(manager ? { manager } : {}) })
    const kmsKeyId = `arn:aws:kms:us-east-1:111122223333:key/${id}`
    for (const volume of volumes.values()) volumes.set(volume.id, { ...volume, kmsKeyId })
    spoil(built)
    const radius = await radiusOf(built)
    return { radius, text: said(radius), kmsKeyId }
  }

  it('a key of yours needs a grant for the start, which is said', async () => {
    const { radius, text, kmsKeyId } = await encryptedWith(undefined)
    expect(radius.storage).toMatchObject({ customerKeys: [kmsKeyId], awsKeys: [] })
    expect(text).toMatch(/which you manage \(KMS\): whoever starts the instance needs kms:CreateGrant/)
  })

  it('AWS’s own key needs none, and nothing is said of it', async () => {
    const { radius, text, kmsKeyId } = await encryptedWith('AWS')
    expect(radius.storage).toMatchObject({ customerKeys: [], awsKeys: [kmsKeyId] })
    expect(text).not.toMatch(/kms:CreateGrant/)
  })

  it('a key that may not be looked at is not known to be either', async () => {
    const document = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Action: 'kms:DescribeKey', Resource: '*' }],
    })
    const { radius, text, kmsKeyId } = await encryptedWith(
      'AWS',
      ({ account }) => void account.roles.get('ir-responder')?.inline.set('less', { document, writtenAt: 0 }),
    )
    expect(radius.storage).toMatchObject({ customerKeys: [], awsKeys: [] })
    expect(text).toMatch(/who manages the key is not known/)
    expect(text).toContain(`who manages KMS key ${kmsKeyId} is not known: kms:DescribeKey is denied`)
  })

  it('says nothing of storage that a restart does no harm to', async () => {
    const radius = await radiusOf(await lookAt('custom-threat-list'))
    expect(radius.storage).toEqual({ kmsKeys: [] })
    expect(said(radius)).not.toMatch(/instance-store volumes, up to|kms:CreateGrant/)
  })

  it('holds the instance as it is before anything is changed', async () => {
    const { instance } = await radiusOf(await lookAt('custom-threat-list'))
    expect(instance).toMatchObject({
      name: untrusted('web-1'),
      state: 'running',
      platform: 'linux',
      rootDeviceType: 'ebs',
      publicIp: '203.0.113.25',
      hasElasticIp: false,
      httpTokens: 'optional',
      stopProtection: false,
    })
    expect(instance?.volumes.map(({ id }) => id)).toEqual(['vol-0f1e2d3c4b5a69781', 'vol-0f1e2d3c4b5a69782'])
  })

  it('has no remarks when everything can be read', async () => {
    expect((await radiusOf(await lookAt('custom-threat-list'))).remarks).toEqual([])
  })

  it('names the load balancers that send requests to the instance, and how many other targets answer them', async () => {
    const radius = await radiusOf(await lookAt('custom-threat-list'))
    expect(radius.targetGroups).toEqual([{ name: untrusted('web'), state: 'healthy', otherHealthyTargets: 2 }])
    expect(said(radius)).toContain('target of web (healthy)')
  })

  it('says what you may do, by dry runs that change nothing', async () => {
    const { context, writes, connection } = await onAccount(await build('custom-threat-list'))
    const radius = factOf(await assessed(scopeBlastRadius, { subject: subjectLike() }, context))
    expect(radius.permitted).toEqual({ stop: 'permitted', start: 'permitted', snapshots: 'permitted' })
    expect(writes()).toEqual([])
    expect(connection.opened.calls().filter(({ outcome }) => outcome === 'DryRunOperation')).toHaveLength(3)
  })

  it('says what you may not do', async () => {
    const built = await build('custom-threat-list')
    const deny = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Deny', Action: 'ec2:StopInstances', Resource: '*' }],
    })
    built.account.roles.get('ir-responder')?.inline.set('no-stops', { document: deny, writtenAt: 0 })
    expect((await radiusOf(built)).permitted).toEqual({ stop: 'denied', start: 'permitted', snapshots: 'permitted' })
  })

  it('says that the role can edit IAM, when it can', async () => {
    expect((await radiusOf(await lookAt('custom-threat-list'))).canEditIam).toBe(false)
    const built = await changedRole(({ inline }) => ({
      inline: new Map([...inline, ['iam', { document: allow('iam:*'), writtenAt: 0 }]]),
    }))
    const radius = await radiusOf(built)
    expect(radius.canEditIam).toBe(true)
    expect(said(radius)).toContain('could remove the deny')
  })

  it('says who owns the role', async () => {
    const built = await changedRole(() => ({ tags: { 'managed-by': 'terraform' } }))
    const { blastRadius } = await scoped(built)
    expect(said(blastRadius)).toContain('The role is managed by its owner terraform')
  })

  it('says that the SSM agent does not count as corroboration under Default Host Management', async () => {
    const built = await build('custom-threat-list')
    built.account.defaultHostManagementRole.value = 'service-role/AWSSystemsManagerDefaultEC2InstanceManagementRole'
    const radius = await radiusOf(built)
    expect(radius.defaultHostManagement).toContain('DefaultEC2')
    expect(said(radius)).toContain('the SSM agent does not count as corroboration')
  })

  it('measures the role’s inline policies for the quota', async () => {
    const built = await lookAt('custom-threat-list')
    const [policy] = built.account.roles.get('web-app')?.inline.values() ?? []
    expect((await radiusOf(built)).inlinePolicySize).toBe(policy?.document.replace(/\s/g, '').length)
  })
})

describe('the description of an instance that a stop would harm', () => {
  it('names a one-time Spot request', async () => {
    const built = await build('custom-threat-list')
    built.account.instances.set(subjectInstanceOf(built).id, {
      ...subjectInstanceOf(built),
      lifecycle: 'spot',
      spotRequestType: 'one-time',
    })
    expect((await radiusOf(built)).instance).toMatchObject({ lifecycle: 'spot', spotRequestType: 'one-time' })
  })

  it('names the Auto Scaling group', async () => {
    const built = await build('custom-threat-list')
    built.account.autoScalingGroups.set('web', { name: 'web', minSize: 1, desired: 1 })
    built.account.instances.set(subjectInstanceOf(built).id, { ...subjectInstanceOf(built), autoScalingGroup: 'web' })
    expect((await radiusOf(built)).instance?.autoScalingGroup).toEqual(untrusted('web'))
  })

  it('names the stop protection', async () => {
    const built = await build('custom-threat-list')
    subjectInstanceOf(built).stopProtection = true
    expect((await radiusOf(built)).instance?.stopProtection).toBe(true)
  })
})

it('an instance that is gone stops the run', async () => {
  const { context } = await onAccount(await lookAt('custom-threat-list'))
  const subject = subjectLike({ instanceId: 'i-0123456789abcdef0' })
  expect(await assessed(scopeBlastRadius, { subject }, context)).toMatchObject({ status: 'blocked' })
})

describe('the description of the blast radius', () => {
  const text = (...parts: Parameters<typeof blastRadiusLike>) => said(blastRadiusLike(...parts))

  it('says whether the public address stays', () => {
    expect(text({ publicIp: '203.0.113.20' })).toContain('203.0.113.20: the stop and start change it')
    expect(text({ publicIp: '203.0.113.20', hasElasticIp: true })).toContain('an Elastic IP: it stays')
    expect(text({})).toContain('public address: none')
  })

  it('says that nobody else is seen, not that there is nobody else', () => {
    expect(text({})).toContain('ir-cred sees nobody else who loses access with the revocation.')
  })

  it('says that IMDSv1 is allowed, that metadata is off, or that hibernation is configured', () => {
    expect(text({ httpTokens: 'optional' })).toContain('allows IMDSv1')
    expect(text({ httpTokens: 'required' })).not.toContain('allows IMDSv1')
    expect(text({ metadataEnabled: false })).toContain('switched off')
    expect(text({ hibernation: true })).toContain('stops the instance without it')
  })

  it('shows every remark', () => {
    expect(text({}, { remarks: ['the list is incomplete'] })).toContain('note: the list is incomplete')
  })
})
