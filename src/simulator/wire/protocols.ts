import { awsJson } from './json.ts'
import type { Protocol } from './protocol.ts'
import { awsQuery, ec2Query } from './query.ts'
import { restJson } from './rest.ts'
import { restXml } from './rest-xml.ts'
import type { ProtocolName } from './services.ts'

/** The protocols that the simulated services speak, by the names that the SDK's schemas give them. */
export const PROTOCOLS: Readonly<Record<ProtocolName, Protocol>> = {
  restXml,
  restJson1: restJson,
  awsJson1_1: awsJson,
  awsQuery,
  ec2Query,
}
