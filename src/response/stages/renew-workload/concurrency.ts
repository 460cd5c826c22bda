import type { GetFunctionResponse } from '@aws-sdk/client-lambda'
import { awsCommandFor } from '../../../incident/aws-command.ts'
import type { RenewedWorkload, ReservedConcurrency } from '../../../incident/facts/renewal-fact.ts'
import { newestFact } from '../../../incident/incident.ts'
import { given } from '../../../incident/values/given.ts'
import type { Context } from '../../stage.ts'
import type { NamedFunction } from './function-version.ts'
import type { WorkloadIncident } from './workload.ts'

/** What a function reserves now, and what it reserved when a look first saw it reserve anything but 0. */
export const concurrencyOf = (
  { FunctionName }: NamedFunction,
  answer: Pick<GetFunctionResponse, 'Concurrency'>,
  incident: WorkloadIncident,
): ReservedConcurrency => {
  const now = answer.Concurrency?.ReservedConcurrentExecutions ?? 'none'
  const seen = newestFact(incident, 'renewal')?.workloads.find(({ name }) => name === FunctionName)?.concurrency
  return { now, ...given({ before: seen?.before ?? (now === 0 ? undefined : now) }) }
}

/**
 * How nothing invokes a function whose code itself is compromised ("Configuring reserved concurrency"), and how that is put back. ir-cred
 * does not do it: whether the code is the way in is yours to say.
 */
export const concurrencyRemark = (
  { name, region, concurrency, own }: RenewedWorkload,
  { setting }: Context,
): readonly string[] => {
  if (!concurrency || !own) return []
  const aws = (words: string) => `\`${awsCommandFor(setting)(`lambda ${words} --function-name ${name}`, region)}\``
  const put = (value: number) => aws(`put-function-concurrency --reserved-concurrent-executions ${value}`)
  const { now, before } = concurrency
  if (now !== 0)
    return [
      `if the code of function ${name} itself is compromised, let nothing invoke it: ${put(0)}. It reserves ${now === 'none' ? 'no concurrency' : now} now`,
    ]
  const back = typeof before === 'number' ? put(before) : aws('delete-function-concurrency')
  const was = before === undefined ? 'what it was before is not known' : `it was ${before === 'none' ? 'not set' : before} before`
  return [
    `nothing invokes function ${name}, which takes no new credentials until something does: its reserved concurrency is 0, and ${was}. Once its code is clean: ${back}`,
  ]
}
