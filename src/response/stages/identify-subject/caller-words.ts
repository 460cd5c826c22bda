import type { CallerAddress, InstanceRoleSession } from '../../../incident/facts/subject.ts'
import { type Block, text, warning } from '../../../incident/values/block.ts'

/** Where the calls came from, one line; a finding may name many addresses. */
export const caller = (address: CallerAddress, instanceId: string): string => {
  const others = address.others ?? []
  return [address, ...others].map((one) => place(one, instanceId)).join('; ')
}

const place = ({ ip = 'no address', origin, resource, account }: CallerAddress, instanceId: string): string => {
  switch (origin) {
    case 'instance':
      return `${ip}, the address of ${instanceId} itself`
    case 'nat-gateway':
      return `${ip}, your NAT gateway ${resource}`
    case 'elastic-ip':
      return `${ip}, an Elastic IP of this account${resource ? ` (${resource})` : ''}`
    case 'foreign':
      return account
        ? `${ip}, from AWS account ${account.accountId}${AFFILIATION[String(account.affiliated)] ?? ''}`
        : `${ip}: not the instance’s own address, no NAT gateway and no Elastic IP of this account`
    case 'unknown':
      return ip === 'no address'
        ? 'the finding names no address'
        : `${ip}, a private address that ir-cred finds nowhere in this account`
  }
}

const AFFILIATION: Readonly<Record<string, string>> = {
  true: ', which GuardDuty knows as affiliated with yours',
  false: ', which is not affiliated with yours',
}

/** What follows from where the calls came from. */
export const callerMeaning = ({ caller: { origin, account }, instanceId }: InstanceRoleSession): Block => {
  switch (origin) {
    case 'instance':
      return warning(
        `The calls came from ${instanceId} itself. Rotation alone does not stop the attacker, who gets the new credentials from the instance `,
        'too. Isolate the instance (a security group without rules), keep it for forensics, and rebuild it.',
      )
    case 'nat-gateway':
    case 'elastic-ip':
      return warning(
        'The calls came from an address of your own account. Either another machine of yours is compromised, ',
        'or the threat list is out of date and this is a false alarm. Find out which before you revoke the role’s sessions.',
      )
    case 'unknown':
      return warning(
        'ir-cred does not know where the calls came from. If they came from the instance itself, rotation alone does not stop the attacker: ',
        'look up their addresses in CloudTrail.',
      )
    case 'foreign':
      if (account) return text(`Somebody in AWS account ${account.accountId} holds a copy of the key. Ask its owner.`)
      return text('Somebody outside holds a copy of the key.')
  }
}
