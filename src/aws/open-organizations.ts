import type { OrganizationsClient } from '@aws-sdk/client-organizations'
import { type ClientConfig, openClient } from './open-clients.ts'

/** Opens the client of AWS Organizations. Its code is loaded here and now: who asks for no organization never loads it. */
export const openOrganizations = async (region: string, config: ClientConfig): Promise<OrganizationsClient> => {
  const { OrganizationsClient } = await import('@aws-sdk/client-organizations')
  return openClient('organizations', OrganizationsClient, region, config)
}
