import { DAY_MS } from '../../incident/values/duration.ts'
import type { Organization } from '../account/organization.ts'

const ROOT = 'r-7xq2'
const WORKLOADS = 'ou-7xq2-5h1m9k3d'
const PRODUCTION = 'ou-7xq2-8t4w2p6z'
const MANAGEMENT = '999988887777'

interface AccountName {
  readonly accountId: string
  readonly alias: string
}

/**
 * The organization that the account lies in, two units deep. The account administers Detective for it, as an account with a
 * behaviour graph may, and so can read it.
 */
export const organizationWith = ({ accountId, alias }: AccountName, now: number): Organization => ({
  id: 'o-h3k8n2v5qa',
  managementAccountId: MANAGEMENT,
  managementEmail: 'aws-root@acme.example',
  delegatedAdministrators: [accountId],
  units: new Map([
    [ROOT, { id: ROOT, name: 'Root' }],
    [WORKLOADS, { id: WORKLOADS, name: 'Workloads', parentId: ROOT }],
    [PRODUCTION, { id: PRODUCTION, name: 'Production', parentId: WORKLOADS }],
  ]),
  controlPolicies: new Map(),
  accounts: new Map([
    [
      MANAGEMENT,
      {
        id: MANAGEMENT,
        name: 'acme-management',
        email: 'aws-root@acme.example',
        status: 'ACTIVE',
        joinedAt: now - 1500 * DAY_MS,
        parentId: ROOT,
        tags: {},
      },
    ],
    [
      accountId,
      {
        id: accountId,
        name: alias === '' ? accountId : alias,
        email: 'aws-web@acme.example',
        status: 'ACTIVE',
        joinedAt: now - 900 * DAY_MS,
        parentId: PRODUCTION,
        tags: { Environment: 'production', Owner: 'web-team', DataClass: 'customer' },
      },
    ],
  ]),
})
