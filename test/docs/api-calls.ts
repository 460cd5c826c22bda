import { type ApiCall, apiCalls, investigationCalls } from '../../src/aws/calls.ts'
import { witnessCalls } from '../../src/aws/enrichment-calls.ts'

const row = ({ service, operation, access, actions, stages, why }: ApiCall): string =>
  `| ${service}:${operation} | ${access} | ${actions.map((action) => `\`${action}\``).join(' ')} | ${stages.join(', ')} | ${why} |`

/** docs/api-calls.md: every AWS API call that ir-cred can make, writes last. */
export const apiCallsPage = (): string => {
  const reads = apiCalls.filter(({ access }) => access === 'read')
  const writes = apiCalls.filter(({ access }) => access === 'write')
  return `# API calls

<!-- Generated from src/aws/calls.ts by \`npm run docs\`. -->

ir-cred makes these ${apiCalls.length} API calls. ${writes.length} of them can change something:
each of those is shown, approved and written to the journal before it is sent, and it is sent once.
\`?DryRun\` marks a call with \`DryRun: true\`, by which EC2 says whether it would be allowed and does nothing.

| call | access | IAM actions | stages | what for |
|---|---|---|---|---|
${[...reads, ...writes].map(row).join('\n')}

An investigation asks other witnesses than CloudTrail too: IAM and AWS Organizations, on the account and the permissions,
by the calls above that are for \`investigate\` and these.
IAM's report on when each service was last called is not asked, because a job would have to be started for it
([decision 8](decisions/0008-witnesses-have-a-room.md)).

| call | access | IAM actions | stages | what for |
|---|---|---|---|---|
${witnessCalls.map(row).join('\n')}

\`ir-cred investigate --athena\` and \`--lake\` make these too. They are paid by the bytes they read; no response needs them.

| call | access | IAM actions | stages | what for |
|---|---|---|---|---|
${investigationCalls.map(row).join('\n')}
`
}
