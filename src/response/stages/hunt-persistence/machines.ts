import {
  DescribeImageAttributeCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSnapshotAttributeCommand,
  DescribeSnapshotsCommand,
} from '@aws-sdk/client-ec2'
import { allPages } from '../../../aws/pager.ts'
import type { PersistenceArtefact } from '../../../incident/facts/activity-rows.ts'
import { changed, gone, type Look, type LookResult, look, madeAt, there, unread } from './look.ts'

/** Filters find what is there and say nothing of what is not; asked by id, EC2 fails when one of several is gone. */
const only = (Name: string, Values: readonly string[] = []) => ({ Filters: [{ Name, Values: [...Values] }] })

/** Of several things that one call left: how many are there. */
const countStanding = (what: string, found: number, of: number): LookResult => {
  if (found === 0) return gone(`there is no such ${what}`)
  if (found === of) return there(of === 1 ? `the ${what} is there` : `all ${of} ${what}s are there`)
  return changed(`${found} of ${of} ${what}s are there`)
}

const instances = look('ec2:DescribeInstances', ['instances'], async (_, { ec2 }, { names }) => {
  const asked = names.instances ?? []
  const { items, incomplete } = await allPages(async (NextToken) => {
    const answer = await ec2.send(new DescribeInstancesCommand({ ...only('instance-id', asked), NextToken }))
    return { items: answer.Reservations?.flatMap(({ Instances = [] }) => Instances), next: answer.NextToken }
  })
  if (incomplete !== undefined) return unread(incomplete)
  const states = items.map(({ State }) => String(State?.Name ?? 'in no state'))
  const alive = states.filter((state) => state !== 'terminated' && state !== 'shutting-down')
  if (alive.length === 0) return gone(states.length > 0 ? `EC2 shows ${states.join(', ')}` : 'EC2 does not show it any more')
  const says = `EC2 shows ${states.join(', ')}`
  return alive.length === asked.length && alive.every((state) => state !== 'stopped') ? there(says) : changed(says)
})

const keyPair = look('ec2:DescribeKeyPairs', ['keyPair'], async ({ keyPair: name }, { ec2 }, row) => {
  const { KeyPairs = [] } = await ec2.send(new DescribeKeyPairsCommand(only('key-name', [name])))
  const [pair] = KeyPairs
  return pair ? madeAt('key pair', pair.CreateTime, row) : gone('there is no such key pair')
})

const securityRules = look('ec2:DescribeSecurityGroupRules', ['securityRules'], async (_, { ec2 }, { names }) => {
  const asked = names.securityRules ?? []
  const { items, incomplete } = await allPages(async (NextToken) => {
    const filter = only('security-group-rule-id', asked)
    const answer = await ec2.send(new DescribeSecurityGroupRulesCommand({ ...filter, NextToken }))
    return { items: answer.SecurityGroupRules, next: answer.NextToken }
  })
  if (incomplete !== undefined) return unread(incomplete)
  return countStanding('rule', items.length, asked.length)
})

const snapshots = (word: 'snapshot' | 'snapshots') =>
  look('ec2:DescribeSnapshots', [word], async (_, { ec2 }, { names }) => {
    const asked = names[word] ?? []
    const { items, incomplete } = await allPages(async (NextToken) => {
      const filter = only('snapshot-id', asked)
      const answer = await ec2.send(new DescribeSnapshotsCommand({ OwnerIds: ['self'], ...filter, NextToken }))
      return { items: answer.Snapshots, next: answer.NextToken }
    })
    if (incomplete !== undefined) return unread(incomplete)
    return countStanding('snapshot', items.length, asked.length)
  })

const image = look('ec2:DescribeImages', ['image'], async ({ image: id }, { ec2 }) => {
  const { Images = [] } = await ec2.send(
    new DescribeImagesCommand({ Owners: ['self'], IncludeDisabled: true, ...only('image-id', [id]) }),
  )
  return countStanding('image', Images.length, 1)
})

interface Permission {
  readonly UserId?: string | undefined
  readonly Group?: string | undefined
  readonly OrganizationArn?: string | undefined
  readonly OrganizationalUnitArn?: string | undefined
}

/** With whom of those that the record names something is still shared. */
const shareStanding = (permissions: readonly Permission[], named: readonly string[]): LookResult => {
  const shared = permissions.flatMap((permission) =>
    [permission.UserId, permission.Group, permission.OrganizationArn, permission.OrganizationalUnitArn].filter(
      (name) => name !== undefined,
    ),
  )
  const still = named.filter((name) => shared.includes(name))
  if (named.length === 0)
    return shared.length > 0 ? changed(`it is shared with ${shared.length}`) : gone('it is shared with nobody')
  if (still.length === 0) return gone(shared.length === 0 ? 'it is shared with nobody' : 'it is shared with none of them')
  const says = `it is shared with ${still.map((name) => (name === 'all' ? 'everybody' : name)).join(', ')}`
  return still.length === named.length ? there(says) : changed(says)
}

const namedIn = ({ names }: PersistenceArtefact, ...words: readonly string[]): readonly string[] =>
  words.flatMap((word) => names[word] ?? [])

const sharedSnapshot = look('ec2:DescribeSnapshotAttribute', ['snapshot'], async ({ snapshot: SnapshotId }, { ec2 }, row) => {
  const answer = await ec2.send(new DescribeSnapshotAttributeCommand({ SnapshotId, Attribute: 'createVolumePermission' }))
  return shareStanding(answer.CreateVolumePermissions ?? [], namedIn(row, 'snapshotAccounts', 'snapshotGroups'))
})

const sharedImage = look('ec2:DescribeImageAttribute', ['image'], async ({ image: ImageId }, { ec2 }, row) => {
  const answer = await ec2.send(new DescribeImageAttributeCommand({ ImageId, Attribute: 'launchPermission' }))
  return shareStanding(answer.LaunchPermissions ?? [], namedIn(row, 'imageAccounts', 'imageGroups'))
})

/** Instances, what opens them, and what was copied and shared of their disks. */
export const MACHINE_LOOKS: Readonly<Record<string, Look>> = {
  'ec2:RunInstances': instances,
  'ec2:CreateKeyPair': keyPair,
  'ec2:ImportKeyPair': keyPair,
  'ec2:AuthorizeSecurityGroupIngress': securityRules,
  'ec2:AuthorizeSecurityGroupEgress': securityRules,
  'ec2:CreateSnapshot': snapshots('snapshot'),
  'ec2:CreateSnapshots': snapshots('snapshots'),
  'ec2:CreateImage': image,
  'ec2:ModifySnapshotAttribute': sharedSnapshot,
  'ec2:ModifyImageAttribute': sharedImage,
}
