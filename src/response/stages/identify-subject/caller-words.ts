import type { CallerAddress, Subject } from '../../../incident/facts/subject.ts'

/** What of a subject says where its calls came from, and how much of the account was looked at for that. */
type CallerLook = Pick<Subject, 'caller' | 'instanceId' | 'addressRegions' | 'addressGaps'>

/** Where the calls came from, one line; a finding may name many addresses. */
export const caller = (subject: CallerLook): string => {
  const { others = [] } = subject.caller
  return [subject.caller, ...others].map((one) => place(one, subject)).join('; ')
}

/** What a foreign address was compared with, and where. */
const lists = ({ addressRegions = [], addressGaps = [] }: CallerLook): string => {
  if (addressRegions.length === 0 && addressGaps.length > 0) return 'and the account’s other addresses are not known'
  const where = addressRegions.length > 0 ? ` in ${addressRegions.join(', ')}` : ''
  return `no NAT gateway and no Elastic IP of this account${where}`
}

const place = ({ ip = 'no address', origin, resource, account }: CallerAddress, subject: CallerLook): string => {
  const { instanceId } = subject
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
        : `${ip}: ${instanceId === undefined ? '' : 'not the instance’s own address, '}${lists(subject)}`
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
