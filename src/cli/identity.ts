import { GetCallerIdentityCommand } from '@aws-sdk/client-sts'
import type { AwsClients } from '../aws/clients.ts'
import { codeOf, failureOf } from '../aws/failure.ts'
import { Failure } from '../incident/failure.ts'

export interface Identity {
  readonly accountId: string
  readonly partition: string
  readonly arn: string
  readonly userId: string
}

const DOING = 'find out who responds (sts:GetCallerIdentity)'

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
    throw wrongSecret(error) ?? failureOf(error, DOING)
  }
}

/**
 * AWS has one code for a wrong secret and for a wrong clock, and names the times where it is the clock ("Signature expired: … is
 * now earlier than …"). By now the SDK has set the clock by AWS's answer and asked again.
 */
const wrongSecret = (error: unknown): Failure | undefined =>
  codeOf(error) === 'SignatureDoesNotMatch' && error instanceof Error && !/expired|not yet/i.test(error.message)
    ? new Failure({
        kind: 'identity',
        what: `could not ${DOING}`,
        why: 'the secret access key does not belong to the access key id (SignatureDoesNotMatch)',
        remedy: 'set both again, or sign in again (for SSO: aws sso login)',
        cause: error,
      })
    : undefined
