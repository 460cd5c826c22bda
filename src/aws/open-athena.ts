import type { AthenaClient } from '@aws-sdk/client-athena'
import { type ClientConfig, openClient } from './open-clients.ts'

/** Opens the Athena client of a Region. Its code is loaded here and now: who asks no table never loads it. */
export const openAthena = async (region: string, config: ClientConfig): Promise<AthenaClient> => {
  const { AthenaClient } = await import('@aws-sdk/client-athena')
  return openClient('athena', AthenaClient, region, config)
}
