import type { ServiceName } from '../../src/simulator/call.ts'
import { readAuthorization } from '../../src/simulator/wire/credential-scope.ts'
import type { WireRequest } from '../../src/simulator/wire/message.ts'
import { PROTOCOLS } from '../../src/simulator/wire/protocols.ts'
import { isServiceName, serviceLoader } from '../../src/simulator/wire/services.ts'

const load = serviceLoader()

/** What a request asks of AWS. */
export interface Asked {
  readonly service: ServiceName
  /** As the table of calls names it: `ec2:StopInstances`, `ec2:StopInstances?DryRun`. */
  readonly operation: string
  readonly input: Readonly<Record<string, unknown>>
}

/** Reads a request off the wire, as the simulated account itself does. */
export const askedBy = async (request: WireRequest): Promise<Asked> => {
  const name = readAuthorization(request)?.service ?? ''
  if (!isServiceName(name)) throw new Error(`a request for ${name}`)
  const service = await load(name)
  const { operation, readInput, asked } = PROTOCOLS[service.protocol].route(request, service)
  if (!operation) throw new Error(`${name} has no ${asked}`)
  const input = readInput(operation)
  return { service: name, operation: `${name}:${operation.name}${input.DryRun === true ? '?DryRun' : ''}`, input }
}
