import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import type { AwsClients } from '../aws/clients.ts'
import { failureOf } from '../aws/failure.ts'
import { Failure } from '../incident/failure.ts'

export interface Identity {
  readonly accountId: string
  readonly partition: string
  readonly arn: string
  readonly userId: string
}

/** Who we are for AWS; the first call of every run, which also sets the clock. Throws Failure identity or unavailable. */
export const identify = async (clients: AwsClients): Promise<Identity> => {
  try {
    const { Account, Arn, UserId, $metadata } = await clients.sts.send(new GetCallerIdentityCommand({}))
    if (!Account || !Arn || !UserId || !$metadata.requestId) {
      throw new Failure({
        kind: 'unavailable',
        what: 'the answer to sts:GetCallerIdentity is not AWS’s',
        why: 'it has no request id or no account; a proxy or a captive portal may have answered',
        remedy: 'check the network, HTTPS_PROXY and --endpoint-url',
      })
    }
    return { accountId: Account, partition: Arn.split(':')[1] ?? 'aws', arn: Arn, userId: UserId }
  } catch (error) {
    throw failureOf(error, 'find out who responds (sts:GetCallerIdentity)')
  }
}
