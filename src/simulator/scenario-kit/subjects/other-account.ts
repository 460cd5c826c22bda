import { DAY_MS, HOUR_SECONDS } from '../../../incident/values/duration.ts'
import type { Account, AccountRole } from '../../account/account.ts'
import { roleArn } from '../../account/arns.ts'
import { type IssuedCredential, principalArn, principalId } from '../../account/credentials.ts'
import { issueSession, newAccessKeyId } from '../../issue-credentials.ts'
import { hexFrom } from '../../random.ts'
import { recordEvent, uuidFrom } from '../../records/record.ts'
import { serveCall } from '../../serve-call.ts'
import { assumeRole } from '../../services/sts/assume-role.ts'
import { type CallingWorkload, consumerActs, issuedAt, issuedElements, roleFor, underKey, writeUsualCalls } from './issued.ts'
import type { SubjectBuilder } from './subject.ts'
import { otherAccountTrust } from './trusts.ts'

/** The partner of the scenarios, where a finding names no account. */
const PARTNER_ACCOUNT = '444455556666'

const PARTNER: CallingWorkload = {
  sourceIp: '203.0.113.140',
  userAgent: 'HashiCorp Terraform/1.9.5 (+https://www.terraform.io) aws-sdk-go-v2/1.30.4 os/linux lang/go#1.22.5',
}

/** A principal of the partner's account: known here by its account and its id. */
const partnerCredential = (account: Account, accountId: string, now: number): IssuedCredential =>
  account.credentials.register({
    accessKeyId: newAccessKeyId(account, 'AKIA'),
    secretAccessKey: hexFrom(account.random, 40),
    principal: { type: 'user', userName: 'terraform', userId: 'AIDAPARTNERTERRAFORM7' },
    accountId,
    issuedAt: now - 120 * DAY_MS,
  })

/** Assumes the role as the partner's principal may at the moment; undefined when it is refused. */
const assumed = (account: Account, by: IssuedCredential, role: AccountRole, sourceIp: string): IssuedCredential | undefined => {
  const input = { RoleArn: roleArn(account, role.name), RoleSessionName: 'terraform-ci' }
  const { accessKeyId } = by
  const call = {
    ...({ service: 'sts', operation: 'AssumeRole', input, accessKeyId, region: account.region, sourceIp } as const),
    ...{ userAgent: PARTNER.userAgent, requestId: uuidFrom(account.random) },
  }
  try {
    const { Credentials } = serveCall(account, assumeRole, { call, credential: by }) as { Credentials: { AccessKeyId: string } }
    return account.credentials.find(Credentials.AccessKeyId)
  } catch {
    return undefined
  }
}

/** A session of a role that a partner's account may assume, taken with the partner's stolen key. */
export const otherAccountSession: SubjectBuilder = (standard, names, remoteIp) => {
  const { account, now } = standard
  const { otherAccount = PARTNER_ACCOUNT } = names
  const trustPolicy = otherAccountTrust(otherAccount)
  const role = roleFor(standard, names, { name: 'partner-deploy', id: 'AROAXCSEC6TN5PARTNER7', trustPolicy })
  const partner = partnerCredential(account, otherAccount, now)
  const issued = issueSession(account, role, names.sessionName ?? 'terraform-ci', HOUR_SECONDS, issuedAt(standard))
  // An hour is over soon in a simulated account: the finding's session lasts a little longer.
  const stolen = underKey(
    standard,
    { ...issued, expiresAt: now + 4 * HOUR_SECONDS * 1000 },
    names.accessKeyId ?? issued.accessKeyId,
  )
  recordEvent(account, {
    ...{ credential: partner, eventSource: 'sts.amazonaws.com', eventName: 'AssumeRole', readOnly: true, at: stolen.issuedAt },
    ...{
      sourceIp: remoteIp,
      userAgent: 'aws-cli/2.15.30 Python/3.11.8 command/sts.assume-role',
      sharedEventId: uuidFrom(account.random),
    },
    requestParameters: { RoleArn: roleArn(account, role.name), RoleSessionName: names.sessionName ?? 'terraform-ci' },
    responseElements: {
      ...issuedElements(stolen),
      AssumedRoleUser: { AssumedRoleId: principalId(account, stolen.principal), Arn: principalArn(account, stolen.principal) },
    },
    resources: [
      { type: 'AWS::IAM::AccessKey', name: stolen.accessKeyId },
      { type: 'AWS::STS::AssumedRole', name: principalId(account, stolen.principal) },
      { type: 'AWS::IAM::Role', name: roleArn(account, role.name) },
    ],
  })
  writeUsualCalls(standard, { ...stolen, accessKeyId: newAccessKeyId(account, 'ASIA') }, PARTNER, 20)
  return {
    ...{ stolen, roleName: role.name, mint: () => assumed(account, partner, role, remoteIp) },
    newCredentials: () => assumed(account, partner, role, PARTNER.sourceIp),
    begin: () => {
      let current: IssuedCredential | undefined
      consumerActs(
        standard,
        () => {
          const isOver = current === undefined || (current.expiresAt ?? 0) <= account.clock.now()
          if (isOver) current = assumed(account, partner, role, PARTNER.sourceIp)
          return current
        },
        PARTNER,
      )
    },
  }
}
