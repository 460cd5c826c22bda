import { show } from '../incident/values/show.ts'
import type { AwsConnection } from './connection/aws-connection.ts'
import type { Host } from './host.ts'
import type { OutputRequest } from './options.ts'

/**
 * Says on the error stream that another endpoint than AWS's answers, for a command without a header. A script gets nothing: it
 * gave the endpoint itself.
 */
export const sayEndpoint = (
  { setting: { endpoint } }: Pick<AwsConnection, 'setting'>,
  { stderr }: Pick<Host, 'stderr'>,
  { json }: Pick<OutputRequest, 'json'>,
): void => {
  if (endpoint !== undefined && !json) stderr.write(`ir-cred: endpoint ${show(endpoint, 'tty')}, not AWS’s own\n`)
}
