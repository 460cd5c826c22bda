import { describe, expect, it } from 'vitest'
import { narrowFinding } from '../../../src/incident/finding/finding-document.ts'
import { type CredentialKind, credentialKind, whatItMeans } from '../../../src/incident/finding/finding-words.ts'
import { apiFinding, having, INSTANCE, ROLE_ID } from './findings.ts'

interface Details {
  readonly UserType?: string
  readonly AccessKeyId?: string
  readonly PrincipalId?: string
  readonly UserName?: string
}

const holding = (details: Details, type = 'Recon:IAMUser/TorIPCaller') =>
  narrowFinding(having(having(having(apiFinding, 'Resource', {}), 'Resource.AccessKeyDetails', details), 'Type', type))

const ASIA = 'ASIA4EXMPLABCDEFGH12'
const AKIA = 'AKIA4EXMPLABCDEFGH12'
const AIDA = 'AIDA4EXMPLQ7RSTUVWXYZ'

describe('the kind of credential', () => {
  it.each<[CredentialKind, string, Details]>([
    [
      'instance-role-session',
      'a session named like an instance',
      { UserType: 'AssumedRole', AccessKeyId: ASIA, PrincipalId: `${ROLE_ID}:${INSTANCE}` },
    ],
    [
      'instance-role-session',
      'an instance id of 8 digits',
      { UserType: 'AssumedRole', AccessKeyId: ASIA, PrincipalId: `${ROLE_ID}:i-12345678` },
    ],
    ['instance-role-session', 'the principal id alone', { PrincipalId: `${ROLE_ID}:${INSTANCE}` }],
    [
      'role-session',
      "a person's session",
      { UserType: 'AssumedRole', AccessKeyId: ASIA, PrincipalId: `${ROLE_ID}:alice@example.com` },
    ],
    ['role-session', 'a session of which only the role is known', { UserType: 'Role', UserName: 'web-app' }],
    ['long-term-key', 'a key of a user', { UserType: 'IAMUser', AccessKeyId: AKIA, PrincipalId: AIDA }],
    ['long-term-key', 'a key alone', { AccessKeyId: AKIA }],
    ['user-session', 'a temporary key of a user', { UserType: 'IAMUser', AccessKeyId: ASIA, PrincipalId: AIDA }],
    ['federated', 'a federated user', { UserType: 'FederatedUser', AccessKeyId: ASIA }],
    ['root', 'root, whatever its key', { UserType: 'Root', AccessKeyId: AKIA }],
    ['root', 'root with a temporary key', { UserType: 'Root', AccessKeyId: ASIA }],
    ['other-account', 'another account', { UserType: 'AWSAccount', UserName: 'ANONYMOUS_PRINCIPAL' }],
    ['service', 'a service', { UserType: 'AWSService' }],
    ['unknown', 'a temporary key alone: it does not mean a role', { AccessKeyId: ASIA }],
    ['unknown', 'a user type nobody knows', { UserType: 'IdentityCenterUser', AccessKeyId: ASIA, PrincipalId: `${ROLE_ID}:x` }],
    ['unknown', 'a role with the id of a user', { UserType: 'AssumedRole', AccessKeyId: ASIA, PrincipalId: AIDA }],
    ['unknown', 'a user with the id of a role', { UserType: 'IAMUser', AccessKeyId: ASIA, PrincipalId: `${ROLE_ID}:x` }],
    ['unknown', 'a role with a long-term key', { UserType: 'AssumedRole', AccessKeyId: AKIA, PrincipalId: `${ROLE_ID}:x` }],
    ['unknown', 'a user without a key', { UserType: 'IAMUser', PrincipalId: AIDA }],
    ['unknown', 'nothing', {}],
  ])('is %s for %s', (kind, _, details) => {
    expect(credentialKind(holding(details))).toBe(kind)
  })

  it('is a user session where a user signed in to the console and no key is named', () => {
    expect(
      credentialKind(holding({ UserType: 'IAMUser', PrincipalId: AIDA }, 'UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B')),
    ).toBe('user-session')
  })
})

describe('what a finding means, in plain words', () => {
  it.each(['Instance', 'Resource'])('names no other account where GuardDuty names the finding’s own: %s', (what) => {
    const finding = holding({}, `UnauthorizedAccess:IAMUser/${what}CredentialExfiltration.InsideAWS`)
    const remoteAccount = { accountId: finding.accountId }
    const words = whatItMeans({ ...finding, action: { ...finding.action, type: 'AWS_API_CALL', remoteAccount } })
    expect(words).toContain('one of this account’s own')
    expect(words).not.toContain('another AWS account')
  })

  it.each(['constructor', 'toString', 'hasOwnProperty'])('is not taken from the language itself: %s', (word) => {
    const finding = holding({}, `${word}:IAMUser/MaliciousIPCaller`)
    expect(whatItMeans(finding)).not.toMatch(/function|native|object/i)
  })

  it.each([
    ['UnauthorizedAccess:IAMUser/MaliciousIPCaller.Custom', "from an address on your organisation's own threat list."],
    ['Recon:IAMUser/MaliciousIPCaller.Custom', 'own threat list, with calls that are used to look around'],
    ['UnauthorizedAccess:IAMUser/MaliciousIPCaller', 'an address that AWS knows to be malicious'],
    ['UnauthorizedAccess:IAMUser/TorIPCaller', 'Tor network'],
    [
      'UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS',
      'from an address outside AWS: the credentials left the instance',
    ],
    ['UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration', 'from an address outside AWS'],
    ['UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.InsideAWS', 'belongs to another AWS account'],
    [
      'UnauthorizedAccess:IAMUser/ResourceCredentialExfiltration.OutsideAWS',
      'the credentials of a Lambda function or a task left it',
    ],
    ['UnauthorizedAccess:IAMUser/ResourceCredentialExfiltration.InsideAWS', 'from another AWS account'],
    ['Persistence:IAMUser/AnomalousBehavior', 'in an unusual way, with calls that are used to keep access'],
    ['Exfiltration:S3/AnomalousBehavior', 'used to take data out of the account'],
    ['PrivilegeEscalation:IAMUser/AdministrativePermissions', 'used to gain more permissions'],
    ['PenTest:IAMUser/KaliLinux', 'a system made for attacks'],
    ['UnauthorizedAccess:IAMUser/ConsoleLoginSuccess.B', 'signed in to the console as web-app'],
    ['Policy:IAMUser/RootCredentialUsage', 'hardly any daily work needs them'],
    ['Policy:IAMUser/ShortTermRootCredentialUsage', 'Somebody used short-term'],
    ['CredentialAccess:IAMUser/CompromisedCredentials', 'in the hands of attackers'],
    ['Stealth:IAMUser/CloudTrailLoggingDisabled', 'calls made since may leave no trace'],
    ['DefenseEvasion:IAMUser/BedrockLoggingDisabled', 'switched logging off'],
    ['Stealth:IAMUser/PasswordPolicyChange', 'password policy'],
    ['Impact:IAMUser/CostHarvesting', 'used AI models'],
    ['UnauthorizedAccess:S3/MaliciousIPCaller.Custom', 'own threat list'],
    ['Policy:S3/BucketAnonymousAccessGranted', 'was done to an S3 bucket'],
    ['UnauthorizedAccess:EC2/MetadataDNSRebind', 'metadata service'],
    ['UnauthorizedAccess:EC2/MaliciousIPCaller.Custom', 'and it names the temporary credentials of role'],
    ['AttackSequence:IAM/CompromisedCredentials', 'several suspicious actions together into one attack'],
    ['AttackSequence:S3/CompromisedData', 'one attack on data'],
    ['Surprise:IAMUser/KindOf2031', 'reports Surprise:IAMUser/KindOf2031, a type that ir-cred has no words of its own for'],
  ])('%s', (type, words) => {
    const sentence = whatItMeans(narrowFinding(having(apiFinding, 'Type', type)))
    expect(sentence).toContain(words)
    expect(sentence).toMatch(/^[A-Z].*\.$/)
    expect(sentence).not.toContain('undefined')
  })

  it.each<[string, Details]>([
    [
      `with the temporary credentials of role web-app in a session that is named after instance ${INSTANCE} from`,
      { UserType: 'AssumedRole', UserName: 'web-app', PrincipalId: `${ROLE_ID}:${INSTANCE}` },
    ],
    ['with the temporary credentials of a session of role web-app from', { UserType: 'AssumedRole', UserName: 'web-app' }],
    ['with the long-term access key of user alice from', { UserType: 'IAMUser', UserName: 'alice', AccessKeyId: AKIA }],
    ['with temporary credentials of user alice from', { UserType: 'IAMUser', UserName: 'alice', AccessKeyId: ASIA }],
    ['with credentials of the root user of account', { UserType: 'Root' }],
    ['with credentials that the finding does not name from', {}],
  ])('it says %s', (words, details) => {
    expect(whatItMeans(holding(details))).toContain(words)
  })
})
