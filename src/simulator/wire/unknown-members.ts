import type { Call } from '../call.ts'
import knownMembers from './known-members.json' with { type: 'json' }

type AskedCall = Pick<Call, 'service' | 'operation' | 'input'>

const KNOWN: Readonly<Record<string, Readonly<Record<string, string | undefined>>>> = knownMembers

/** What makes a call sent twice count once, and how long a page may be: nothing in the account depends on either. */
const TAKEN_EVERYWHERE = new Set(['clienttoken', 'clientrequesttoken', 'maxresults', 'maxitems'])

/** What the account takes without looking at it: docs/simulated-aws.md says so of each. */
const TAKEN: Readonly<Record<string, string | undefined>> = {
  'iam:CreateLoginProfile': 'Password',
  'iam:UpdateLoginProfile': 'Password PasswordResetRequired',
  'iam:EnableMFADevice': 'AuthenticationCode1 AuthenticationCode2',
  'iam:CreateOpenIDConnectProvider': 'ThumbprintList',
  'sts:GetSessionToken': 'SerialNumber',
  'ec2:CreateImage': 'Description NoReboot',
  'ec2:CreateKeyPair': 'KeyType KeyFormat',
  'ec2:RunInstances': 'KeyName SecurityGroupIds SubnetId',
  'ec2:GetConsoleOutput': 'Latest',
  'ssm:SendCommand': 'DocumentHashType',
  's3:GetObject': 'ChecksumMode',
  's3:HeadObject': 'ChecksumMode',
  's3:ListObjectsV2': 'EncodingType',
  's3:PutBucketPolicy': 'ContentMD5 ChecksumAlgorithm',
}

const asksNothing = (value: unknown): boolean =>
  value === undefined || value === null || value === false || (Array.isArray(value) && value.length === 0)

/** The members that a call gives and that its operation does not look at: a service that forgot them would answer as if it had done what they ask. */
export const unknownMembers = ({ service, operation, input }: AskedCall): readonly string[] => {
  const known = `${KNOWN[service]?.[operation] ?? ''} ${TAKEN[`${service}:${operation}`] ?? ''}`.split(' ')
  return Object.keys(input).filter(
    (name) => !asksNothing(input[name]) && !known.includes(name) && !TAKEN_EVERYWHERE.has(name.toLowerCase()),
  )
}

/** What is said of a call that gives such a member. */
export const unknownMembersSentence = (operation: string, names: readonly string[]): string =>
  `The simulated account does not know ${names.length === 1 ? 'the parameter' : 'the parameters'} ${names.join(', ')} of ${operation}: nothing was read or changed.`
