import type { ApiCall } from '../../src/aws/api-call.ts'
import { apiCalls, enrichmentCalls } from '../../src/aws/calls.ts'
import { closingCalls } from '../../src/aws/closing-calls.ts'
import { furtherReads } from '../../src/aws/further-reads.ts'
import { laterCalls } from '../../src/aws/later-calls.ts'
import { investigationCalls } from '../../src/aws/record-calls.ts'

const row = ({ service, operation, access, actions, stages, why }: ApiCall): string =>
  `| ${service}:${operation} | ${access} | ${actions.map((action) => `\`${action}\``).join(' ')} | ${stages.join(', ')} | ${why} |`

/** docs/api-calls.md: every AWS API call that ir-cred can make, writes last. */
export const apiCallsPage = (): string => {
  const reads = apiCalls.filter(({ access }) => access === 'read')
  const writes = apiCalls.filter(({ access }) => access === 'write')
  return `# API calls

<!-- Generated from src/aws/calls.ts by \`npm run docs\`. -->

ir-cred makes these ${apiCalls.length} API calls. ${writes.length} of them can change something:
ir-cred shows each of those, asks for approval, writes it to the journal, and then sends it once.
\`?DryRun\` marks a call with \`DryRun: true\`: EC2 answers whether the call is allowed, and does nothing.

| call | access | IAM actions | stages | what for |
|---|---|---|---|---|
${[...reads, ...writes].map(row).join('\n')}

These are about what issues credentials outside of IAM, and about what serves traffic. They are made for the subjects that it concerns, and need rights of their own:
\`ir-cred policy close\` prints them. Without them each stays named, with its command.

| call | access | IAM actions | stages | what for |
|---|---|---|---|---|
${closingCalls.map(row).join('\n')}

These are further reads: what is done by hand about the root user, and whose key encrypts a volume. They stand in that second policy too; without them the run goes on, and says what it could not look at.

| call | access | IAM actions | stages | what for |
|---|---|---|---|---|
${furtherReads.map(row).join('\n')}

No response makes these unless it is asked for: \`ir-cred lift\` lifts what a response changed, \`--archive\` archives the finding.

| call | access | IAM actions | stages | what for |
|---|---|---|---|---|
${laterCalls.map(row).join('\n')}

An investigation also asks IAM and AWS Organizations about the account and the permissions,
with the calls above that name \`investigate\` and with these.
It does not ask for IAM's last accessed information, because that needs a job to be started
([decision 8](decisions/0008-witnesses-have-a-room.md)).

| call | access | IAM actions | stages | what for |
|---|---|---|---|---|
${enrichmentCalls.map(row).join('\n')}

\`ir-cred investigate\` makes these too, with \`--athena\`, \`--lake\` and \`--logs s3://…\`. AWS bills queries of Athena and
CloudTrail Lake by the bytes they read. A response makes those that name \`identify-subject\` only where it is given \`--athena\` or \`--lake\`.

| call | access | IAM actions | stages | what for |
|---|---|---|---|---|
${investigationCalls.map(row).join('\n')}
`
}
