import { given } from '../values/given.ts'
import { findingArnOf, isAccountId } from '../values/identifiers.ts'
import { partitionOf } from '../values/partition.ts'
import { quoted } from '../values/quoted.ts'
import { REGION } from '../values/region.ts'
import type { Finding } from './finding.ts'
import { at, filledText, identifierIn, type Member, type Remark, refusal, requiredIn } from './member.ts'

const TYPE = /^[A-Za-z0-9]+:[A-Za-z0-9]+\/[\w.!&+-]{1,100}$/

const accountIn = (finding: Member): string => {
  const member = at(finding, 'accountId')
  if (typeof member.value === 'number') {
    const why = `it is the number ${member.value}, and a number may have lost its leading zero`
    throw refusal(`The finding's ${member.path} is not text`, why, 'Write the account id as text, with all its 12 digits.')
  }
  const account = filledText(member)
  if (account === undefined || isAccountId(account)) return requiredIn(member, isAccountId, 'an account id')
  const digits = /^\d+$/.test(account) ? `, which has ${account.length} digits` : ''
  throw refusal(`The finding's ${member.path} is not an account id of 12 digits`, `it holds ${quoted(account)}${digits}`)
}

const placeIn = (finding: Member): { readonly partition: string; readonly region: string } => {
  const regionMember = at(finding, 'region')
  const region = requiredIn(regionMember, REGION, "a Region's name, such as eu-central-1")
  const own = partitionOf(region)?.id
  const named = identifierIn(at(finding, 'partition'), /^aws[a-z-]*$/, 'the name of a partition')
  if (own === undefined)
    throw refusal(`The finding's ${regionMember.path} is not a Region of a known partition`, `it holds ${quoted(region)}`)
  if (named === undefined || named === own) return { partition: own, region }
  throw refusal(
    "The finding's partition and Region do not belong together",
    `the partition is ${named}, and ${region} is a Region of ${own}`,
  )
}

const compare = (what: string, inArn: string | undefined, own: string, remark: Remark): void => {
  if (inArn !== own) remark(`The finding's ARN names the ${what} ${inArn}, the finding itself says ${own}.`)
}

/** Who the finding is and where it belongs. The ARN may lie in another Region than the activity, so a difference is only remarked on. */
export const findingIdentityOf = (
  finding: Member,
  remark: Remark,
): Pick<Finding, 'id' | 'type' | 'accountId' | 'partition' | 'region' | 'arn' | 'detectorId'> => {
  const own = {
    id: requiredIn(at(finding, 'id'), /^[\w.-]{1,128}$/, 'the id of a finding'),
    type: requiredIn(at(finding, 'type'), TYPE, 'a finding type, such as UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom'),
    accountId: accountIn(finding),
    ...placeIn(finding),
  }
  const arn = filledText(at(finding, 'arn'))
  const parts = findingArnOf(arn ?? '')
  if (arn !== undefined && parts === undefined)
    remark(`The finding's ARN is not the ARN of a GuardDuty finding and is left out: ${quoted(arn)}.`)
  if (parts) {
    compare('partition', parts.partition, own.partition, remark)
    compare('Region', parts.region, own.region, remark)
    compare('account', parts.accountId, own.accountId, remark)
    compare('id', parts.findingId, own.id, remark)
  }
  return { ...own, ...given({ arn: parts && arn, detectorId: detectorIn(finding, remark) ?? parts?.detectorId }) }
}

const detectorIn = (finding: Member, remark: Remark): string | undefined => {
  const detector = filledText(at(finding, 'service', 'detectorId'))
  if (detector === undefined || /^[0-9a-z]{1,64}$/.test(detector)) return detector
  remark(`The finding's detector id is not well formed and is left out: ${quoted(detector)}.`)
  return undefined
}
