import type { Account, EbsVolume, Instance } from './account.ts'
import { between } from './random.ts'
import { hexFrom } from './random-ids.ts'

const copyVolume = (account: Account, volume: EbsVolume, instanceId: string): string => {
  const id = `vol-0${hexFrom(account.random, 16)}`
  account.volumes.set(id, { ...volume, id, instanceId })
  return id
}

/** What a replacement takes over from its group's launch template; everything that belongs to one machine is new. */
const memberLike = (account: Account, { agent, delivered, publicIp, formerPublicIp = publicIp, ...old }: Instance): Instance => {
  const id = `i-0${hexFrom(account.random, 16)}`
  const volumes = old.volumeIds.flatMap((volumeId) => account.volumes.get(volumeId) ?? [])
  const { startFails, stopHangs, transition, nextRotationAt, ...template } = old
  return {
    ...template,
    id,
    privateIp: template.privateIp.replace(/\d+$/, String(Math.floor(between(account.random, 4, 250)))),
    volumeIds: volumes.map((volume) => copyVolume(account, volume, id)),
    agent: { installed: agent.installed, platform: agent.platform },
    tags: { ...template.tags },
    delivered: { v1: [], v2: [] },
    ...(formerPublicIp === undefined ? {} : { formerPublicIp }),
  }
}

/** Auto Scaling replaces a member that it found stopped ("Health checks for instances in an Auto Scaling group"). */
export const replaceMember = (account: Account, instance: Instance, launch: (member: Instance) => void): void => {
  const member = memberLike(account, instance)
  account.instances.set(member.id, member)
  launch(member)
}
