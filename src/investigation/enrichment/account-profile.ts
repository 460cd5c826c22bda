import { type IAMClient, ListAccountAliasesCommand } from '@aws-sdk/client-iam'
import type { OrganizationsClient } from '@aws-sdk/client-organizations'
import { iamPages } from '../../aws/pager.ts'
import type { AccountProfile, ListedAccount } from '../../incident/facts/account-profile.ts'
import { given } from '../../incident/values/given.ts'
import { untrustedOrNone } from '../../incident/values/untrusted.ts'
import { listOptional, readOptionalInto } from './optional-reads.ts'

export interface AccountAsked {
  readonly accountId: string
  /** Absent when nobody with rights in the account itself asks (another account's): then its alias cannot be asked. */
  readonly iam?: IAMClient
  /** Opens the client, whose code is loaded only then (aws/open-clients.ts). */
  readonly organizations: () => Promise<OrganizationsClient>
  /** What the responder's own list says of the account. */
  readonly listed?: ListedAccount
}

/**
 * Asks in which account it happened: IAM for the alias, AWS Organizations for name, e-mail, way from the root, and tags. Only
 * the management account and a delegated administrator may read those; a member hears so in one sentence. Reads only.
 */
export const readAccountProfile = async (asked: AccountAsked): Promise<AccountProfile> => {
  const { accountId, iam, listed } = asked
  const incomplete: string[] = []
  const asking = { ask: readOptionalInto(incomplete), incomplete }
  const aliases = iam && (await listOptional(asking, 'iam:ListAccountAliases', 'the account’s alias', () => aliasesOf(iam)))
  const alias = untrustedOrNone(aliases?.[0])
  const { readOrganization } = await import('./read-organization.ts')
  const organizational = await readOrganization({ client: await asked.organizations(), accountId, ...asking })
  return {
    accountId,
    ...given({ alias }),
    ...organizational,
    ...given({ listed, sources: iam ? undefined : ['Organizations'] }),
    incomplete,
  }
}

const aliasesOf = (iam: IAMClient) =>
  iamPages(
    (Marker) => iam.send(new ListAccountAliasesCommand({ Marker })),
    ({ AccountAliases }) => AccountAliases,
  )
