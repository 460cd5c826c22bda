import { GetCallerIdentityCommand, type STSClient } from '@aws-sdk/client-sts'
import { isExpiredOrClock, isOfCaller } from '../incident/values/aws-error-codes.ts'
import { findCall } from './calls.ts'
import { codeOf, errorMeaningOf } from './failure.ts'
import type { AnyClient } from './middleware.ts'

/**
 * Lets STS judge a read that is refused as RequestExpired: EC2 has this one code for credentials that have ended and for a request whose
 * time is off ("Error codes for the Amazon EC2 API"). If STS accepts the same credentials, they have not ended, and the refusal concerns
 * this read alone. If STS refuses them too, its error is thrown, which says why. Without an answer of STS, the refusal stays as it is.
 * A write is judged where its outcome is on record.
 */
export const judgeExpiry = (client: AnyClient, service: string, sts: STSClient): void => {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      try {
        return await next(args)
      } catch (error) {
        const operation = String(context.commandName).replace(/Command$/, '')
        const isRead = findCall(service, operation, args.input)?.access === 'read'
        throw isRead && isExpiredOrClock(codeOf(error)) ? await judged(error, sts) : error
      }
    },
    { step: 'initialize', priority: 'high', name: 'judgeExpiry' },
  )
}

const judged = async (error: unknown, sts: STSClient): Promise<unknown> => {
  try {
    await sts.send(new GetCallerIdentityCommand({}))
    return Object.assign(error as Error, { credentialsHold: true as const })
  } catch (refusal) {
    return isOfCaller(errorMeaningOf(refusal)) ? refusal : error
  }
}
