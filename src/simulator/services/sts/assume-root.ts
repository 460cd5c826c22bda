import type { AssumeRootRequest, AssumeRootResponse } from '@aws-sdk/client-sts'
import { MINUTE_SECONDS } from '../../../incident/values/duration.ts'
import { accountOf, principalArn } from '../../account/credentials.ts'
import { accessDenied } from '../../authorization/refusals.ts'
import { issueRootSession } from '../../issue-credentials.ts'
import { operation } from '../../service.ts'
import { credentialsAnswer, invalidInput } from './answers.ts'

/** The longest session of AssumeRoot. */
const LONGEST = 15 * MINUTE_SECONDS

const READS = [
  ...['iam:GetAccountSummary', 'iam:GetLoginProfile', 'iam:GetUser', 'iam:ListAccessKeys', 'iam:ListMFADevices'],
  'iam:ListSigningCertificates',
]

/** What the managed policies of the tasks allow, by their names ("AssumeRoot"); those on buckets and queues are not simulated. */
const TASKS: Readonly<Record<string, readonly string[]>> = {
  IAMAuditRootUserCredentials: READS,
  IAMCreateRootUserPassword: ['iam:CreateLoginProfile', 'iam:GetLoginProfile'],
  IAMDeleteRootUserCredentials: [
    ...READS,
    ...['iam:DeactivateMFADevice', 'iam:DeleteAccessKey', 'iam:DeleteLoginProfile', 'iam:DeleteSigningCertificate'],
    'iam:DeleteVirtualMFADevice',
  ],
}

const taskPolicy = (name: string): string => {
  const Action = Object.hasOwn(TASKS, name) ? TASKS[name] : undefined
  if (!Action) throw invalidInput(`The task policy ${name} is not one of the simulated account.`)
  return JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action, Resource: '*' }] })
}

/** Only the management account of the organization calls it, or an administrator that it named; what its policies say is not simulated. */
export const assumeRoot = operation<AssumeRootRequest, AssumeRootResponse>({
  authorize: () => [],
  run: (account, { TargetPrincipal = '', TaskPolicyArn, DurationSeconds = LONGEST }, { credential }) => {
    const caller = accountOf(account, credential)
    const root = principalArn(account, { type: 'root' })
    if (caller !== account.organization?.managementAccountId || ![account.id, root].includes(TargetPrincipal))
      throw accessDenied(
        'sts',
        {
          ...{ principalArn: principalArn({ ...account, id: caller }, credential.principal), action: 'sts:AssumeRoot' },
          resource: root,
        },
        { explicit: false, by: 'identity-based policy' },
      )
    if (DurationSeconds > LONGEST) throw invalidInput('The requested DurationSeconds exceeds 900.')
    const sessionPolicies = [taskPolicy(TaskPolicyArn?.arn?.split('/').at(-1) ?? '')]
    return {
      Credentials: credentialsAnswer(
        issueRootSession(account, DurationSeconds, undefined, { sessionPolicies, assumedRoot: true }),
      ),
    }
  },
  writes: false,
  resources: (_, __, { Credentials }) => [{ type: 'AWS::IAM::AccessKey', name: Credentials?.AccessKeyId ?? '' }],
})
