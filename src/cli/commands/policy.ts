import { OWN_DOCUMENT } from '../../aws/calls.ts'
import { MANAGED_POLICY_LIMIT, type PolicySet, policySize, type ResponderPolicy, responderPolicy } from '../../aws/policy.ts'
import { Failure } from '../../incident/values/failure.ts'
import { ownDocument } from '../../response/stages/verify-rotation/document.ts'
import type { Command } from '../command.ts'
import { FINISHED } from '../exit-code.ts'
import type { Host } from '../host.ts'
import { printable } from '../options.ts'
import { type PolicyOptions, policyScopeOf } from '../policy/scope.ts'
import { terraformResource } from '../policy/terraform.ts'

const SETS: readonly PolicySet[] = ['observe', 'contain', 'verify', 'respond', 'close', 'lift']

/** What the Sids say that begin with "Warning", in sentences. */
const WARNINGS: Readonly<Record<string, string>> = {
  WarningMayPutAnyPolicyOnAnyRole:
    'iam:PutRolePolicy can give a role any right, and IAM cannot limit what is put. Name the roles that may be revoked: --role.',
  WarningMayPutAnyPolicyOnTheseRoles:
    'iam:PutRolePolicy can give these roles any right, and IAM cannot limit what is put. Hand the responder role out for an incident only, and watch for policies with another name than AWSRevokeOlderSessions.',
  WarningMayPutAnyPolicyOnAnyUser:
    'iam:PutUserPolicy can give a user any right. Name the roles that may be revoked (--role): the policy then leaves users out.',
  WarningMayChangeWhoAssumesAnyRole:
    'iam:UpdateAssumeRolePolicy decides who may assume any role. Name the roles (--role), or take the statement out: ir-cred then prints the command.',
  WarningMayChangeWhoAssumesTheseRoles:
    'iam:UpdateAssumeRolePolicy decides who may assume these roles. Without the statement, ir-cred prints the command.',
  WarningMayReconfigureFunctionsAndServices:
    'lambda:UpdateFunctionConfiguration and ecs:UpdateService can change anything of a function or service, and IAM cannot narrow that. Name instances with --instance-id if you respond to these only.',
  WarningMayChangeWhatIssuesCredentials:
    'These actions can open what they close: a function’s URL and policy, a profile, an association, an identity pool. Whoever has them puts any code of a function behind an alias. IAM cannot limit what is set. Hand the policy out for an incident only.',
  WarningAddYourOwnRoleAndAdministratorsHere: 'The deny does not name your own roles. Name them: --responder-role, --admin-role.',
  WarningMayStopAnyInstance:
    'Any instance of the account and Region may be stopped. Narrow it by --account and --region, and in an incident by --instance-id.',
  WarningMayRunAnythingAsRoot: `AWS-RunShellScript runs any command as root. Create the document that \`ir-cred policy --document\` prints, and leave --aws-documents out.`,
}

const warningsOf = ({ Statement }: ResponderPolicy): readonly string[] =>
  Statement.flatMap(({ Sid }) => (WARNINGS[Sid] === undefined ? [] : [`${Sid}: ${WARNINGS[Sid]}`]))

const setOf = (given = 'respond'): PolicySet => {
  const chosen = SETS.find((name) => name === given)
  if (chosen) return chosen
  throw new Failure({
    kind: 'usage',
    what: `there is no policy "${printable(given)}"`,
    remedy: `choose one of ${SETS.join(', ')}`,
  })
}

const checkFormat = (format: string): 'json' | 'terraform' => {
  if (format === 'json' || format === 'terraform') return format
  throw new Failure({
    kind: 'usage',
    what: `there is no policy format "${printable(format)}"`,
    remedy: 'the formats are json and terraform',
  })
}

const checkSize = (policy: ResponderPolicy): void => {
  const size = policySize(policy)
  if (size <= MANAGED_POLICY_LIMIT) return
  throw new Failure({
    kind: 'usage',
    what: `the policy has ${size} characters, and IAM takes ${MANAGED_POLICY_LIMIT} in a managed policy`,
    remedy: 'print observe, contain and verify one by one, or a policy for each account',
  })
}

/** `ir-cred policy`: the IAM policy that a responder needs, from the table of API calls; or the Run Command document with the script. */
export const policyCommand: Command<PolicyOptions, [set: string | undefined]> = {
  run: async (host, options, set) => {
    const format = checkFormat(options.format ?? 'json')
    if (options.document) {
      if (set !== undefined)
        throw new Failure({
          kind: 'usage',
          what: '--document prints the Run Command document, not a policy',
          remedy: `leave out "${printable(set)}", or --document`,
        })
      printDocument(host, format, options.json)
    } else printPolicy(host, setOf(set), format, options)
    return { outcome: FINISHED }
  },
}

const text = (value: object, onOneLine = false): string => `${JSON.stringify(value, null, onOneLine ? 0 : 2)}\n`

const printPolicy = (host: Host, set: PolicySet, format: 'json' | 'terraform', options: PolicyOptions): void => {
  const { stdout, stderr } = host
  const scope = policyScopeOf(options)
  const policy = responderPolicy(set, scope)
  checkSize(policy)
  const warnings = warningsOf(policy)
  const name = `ir-cred-${set}`
  const resource = () =>
    terraformResource({
      ...{ type: 'aws_iam_policy', name: name.replaceAll('-', '_'), json: ['policy', policy] },
      texts: { name, description: `ir-cred: what a responder needs (${set})` },
      comments: warnings,
    })
  stdout.write(format === 'json' ? text(policy, options.json) : resource())
  for (const warning of warnings) stderr.write(`${warning}\n`)
  const needsDocument = !scope.awsDocuments && policy.Statement.some(({ Action }) => Action.includes('ssm:SendCommand'))
  if (needsDocument) stderr.write(`Run Command is allowed with document ${OWN_DOCUMENT} only. ${howToCreate(host)}\n`)
}

const howToCreate = ({ commandName }: Pick<Host, 'commandName'>): string =>
  `Create it in each Region: ${commandName} policy --document > document.json && aws ssm create-document --name ${OWN_DOCUMENT} --document-type Command --document-format JSON --content file://document.json --region <region>`

const printDocument = (host: Host, format: 'json' | 'terraform', onOneLine?: boolean): void => {
  const { stdout, stderr } = host
  const document = ownDocument()
  const resource = () =>
    terraformResource({
      ...{ type: 'aws_ssm_document', name: 'ir_cred_read_instance_credentials', json: ['content', document] },
      texts: { name: OWN_DOCUMENT, document_type: 'Command', document_format: 'JSON' },
      comments: ['ir-cred uses this document only while its content is exactly this. It takes no parameters.'],
    })
  stdout.write(format === 'json' ? text(document, onOneLine) : resource())
  stderr.write(`${howToCreate(host)}\n`)
}
