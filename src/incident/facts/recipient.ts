import { delimited } from '../values/delimited.ts'
import { arnOf } from '../values/identifiers.ts'
import { rawText, type Untrusted } from '../values/untrusted.ts'

/** Who AWS issued a key to. */
export type IssuedTo = 'ec2-instance' | 'principal' | 'web-identity' | 'saml' | 'service' | 'unknown'

/** What kind of thing holds a session of a role: it decides what can obtain the next one, and what renews it. */
export type RecipientKind =
  | 'ec2-instance'
  | 'lambda'
  | 'ecs'
  | 'eks-pod'
  | 'oidc'
  | 'saml'
  | 'cognito'
  | 'roles-anywhere'
  | 'hybrid-node'
  | 'cross-account'
  | 'identity-center'
  | 'service-linked'
  | 'service'
  | 'principal'
  | 'unknown'

/** Who a session of a role was issued to. */
export interface Recipient {
  readonly kind: RecipientKind
  /** As a sentence names it: `Lambda function "resize"`. */
  readonly words: string
}

/** Who made the call that handed a key out, as far as the recipient is known by it. */
interface Source {
  readonly kind: string
  readonly who: Untrusted
  readonly accountId?: string
}

/** What is known of an issue that says who it was to. */
interface Issue {
  readonly to: IssuedTo
  readonly instanceId?: string
  readonly resource?: Untrusted
  readonly sources: readonly Source[]
}

/** What of a role session its recipient is known by. */
interface Held {
  readonly sessionName: string
  readonly role: { readonly name: string; readonly path: string }
  readonly issue?: Issue
}

/** Whether AWS alone may change a role: its path and its name are reserved. */
export const isServiceLinked = ({ name, path }: Held['role']): boolean =>
  path.startsWith('/aws-service-role/') || name.startsWith('AWSServiceRoleFor')

/** Whether a role is that of a permission set of IAM Identity Center: its path and its name are reserved. */
const isOfPermissionSet = ({ name, path }: Held['role']): boolean =>
  path.startsWith('/aws-reserved/') || name.startsWith('AWSReservedSSO_')

/** Whether nobody in the account may put a policy on a role. */
export const isUneditable = (role: Held['role']): boolean => isServiceLinked(role) || isOfPermissionSet(role)

/** Why nothing is denied of the role here. */
export const whyUneditable = (role: Held['role']): string =>
  isServiceLinked(role)
    ? `${role.name} is a service-linked role: nobody can put a policy on it, so its sessions cannot be revoked`
    : `${role.name} belongs to an IAM Identity Center permission set: IAM does not let you edit it`

/** Services that take a session for what they run, by the principal that assumes the role. A service names the session itself. */
const SERVICES: Readonly<Record<string, readonly [RecipientKind, (sessionName: string) => string]>> = {
  'lambda.amazonaws.com': ['lambda', (name) => `Lambda function ${delimited(name)}`],
  'edgelambda.amazonaws.com': ['lambda', (name) => `Lambda@Edge function ${delimited(name)}`],
  'ecs-tasks.amazonaws.com': ['ecs', (name) => `ECS task ${delimited(name)}`],
  'pods.eks.amazonaws.com': ['eks-pod', () => 'a pod with EKS Pod Identity'],
  'rolesanywhere.amazonaws.com': [
    'roles-anywhere',
    (name) => `a machine with certificate ${delimited(name)} (IAM Roles Anywhere)`,
  ],
  'cognito-identity.amazonaws.com': ['cognito', () => 'an identity of an Amazon Cognito identity pool'],
  'ssm.amazonaws.com': ['hybrid-node', (name) => `managed node ${delimited(name)} of Systems Manager`],
}

/** The service principals by the service part of the ARNs that CloudTrail writes into `inScopeOf.credentialsIssuedTo`. */
const PRINCIPALS: Readonly<Record<string, string>> = {
  lambda: 'lambda.amazonaws.com',
  ecs: 'ecs-tasks.amazonaws.com',
  eks: 'pods.eks.amazonaws.com',
}

/**
 * Who a session was issued to, by evidence: the record of its issue, what AWS writes into the records of its calls, and the role's
 * reserved paths. The session's name alone shows nothing: whoever assumes a role chooses it. Pure.
 */
export const recipientOf = ({ sessionName, role, issue }: Held): Recipient => {
  if (isServiceLinked(role)) return { kind: 'service-linked', words: 'the AWS service that the role is linked to' }
  if (isOfPermissionSet(role)) return { kind: 'identity-center', words: 'a person who signed in with IAM Identity Center' }
  const [source] = issue?.sources ?? []
  switch (issue?.to ?? 'unknown') {
    case 'ec2-instance':
      return { kind: 'ec2-instance', words: `EC2 instance ${issue?.instanceId ?? 'unknown'}` }
    case 'web-identity':
      return webIdentity(source)
    case 'saml':
      return { kind: 'saml', words: `SAML identity ${whoOf(source)}` }
    case 'service':
      return ofService(issue, source, sessionName)
    case 'principal':
      return source?.kind === 'other-account'
        ? { kind: 'cross-account', words: `a principal of account ${source.accountId ?? 'unknown'}, ${whoOf(source)}` }
        : { kind: 'principal', words: `${source?.kind ?? 'a principal'} ${whoOf(source)}` }
    case 'unknown':
      return { kind: 'unknown', words: 'not known' }
  }
}

const whoOf = (source: Source | undefined): string => (source === undefined ? 'of unknown name' : delimited(rawText(source.who)))

/** Cognito hands out sessions by web identity too: its tokens name its own service as the issuer. */
const isOfIdentityPool = ({ who }: Pick<Source, 'who'>): boolean =>
  /(?:^|[/:])cognito-identity\.amazonaws\.com(?:\.cn)?(?::|$)/.test(rawText(who))

/** Services that give a session to whoever shows a certificate, an identity or a pod's token, and the next one too. */
const GIVES_TO_BEARERS = new Set([...['rolesanywhere.amazonaws.com', 'cognito-identity.amazonaws.com', 'pods.eks.amazonaws.com']])

/** Whether the service gives sessions to whoever shows what it asks for, and not to what it runs itself. */
export const givesToBearers = ({ who }: Pick<Source, 'who'>): boolean => GIVES_TO_BEARERS.has(rawText(who))

const webIdentity = (source: Source | undefined): Recipient =>
  source !== undefined && isOfIdentityPool(source)
    ? { kind: 'cognito', words: `identity ${whoOf(source)} of an Amazon Cognito identity pool` }
    : { kind: 'oidc', words: `web identity ${whoOf(source)}` }

const ofService = (issue: Issue | undefined, source: Source | undefined, sessionName: string): Recipient => {
  const resource = issue?.resource && rawText(issue.resource)
  const arn = resource === undefined ? undefined : arnOf(resource)
  const principal = source ? rawText(source.who) : (PRINCIPALS[arn?.service ?? ''] ?? arn?.service ?? 'an AWS service')
  const known = Object.hasOwn(SERVICES, principal) ? SERVICES[principal] : undefined
  if (known) return { kind: known[0], words: known[1](arn ? (arn.resource.split(/[:/]/).at(-1) ?? sessionName) : sessionName) }
  return { kind: 'service', words: `AWS service ${delimited(principal)}, session ${delimited(sessionName)}` }
}
