import { readFileSync } from 'node:fs'
import { apiCalls } from '../../src/aws/calls.ts'
import { closingCalls } from '../../src/aws/closing-calls.ts'
import { furtherReads } from '../../src/aws/further-reads.ts'
import { laterCalls } from '../../src/aws/later-calls.ts'
import { investigationCalls } from '../../src/aws/record-calls.ts'
import type { Stage } from '../../src/response/stage.ts'

/** What the stage's source says of itself, above its definition. */
const storyOf = (id: string): string => {
  const source = readFileSync(`src/response/stages/${id}.ts`, 'utf8')
  const comment = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\nexport const \w+ = defineStage/.exec(source)?.[1]
  if (comment === undefined) throw new Error(`src/response/stages/${id}.ts does not say what it is for`)
  return comment
    .split('\n')
    .map((line) => line.replace(/^\s*\*? ?/, ''))
    .join('\n')
    .trim()
}

const callRows = (id: string): string =>
  [...apiCalls, ...furtherReads, ...closingCalls, ...laterCalls, ...investigationCalls]
    .filter((call) => call.stages.includes(id))
    .map(({ service, operation, access, why }) => `| ${service}:${operation} | ${access} | ${why} |`)
    .join('\n')

const named = (facts: readonly string[], joint: string): string => facts.map((fact) => `\`${fact}\``).join(joint)

const needsOf = ({ needs, needsOneOf = [] }: Stage): string => {
  const oneOf = needsOneOf.length > 0 ? `, and ${named(needsOneOf, ' or ')}` : ''
  return needs.length > 0 ? `${named(needs, ', ')}${oneOf}` : 'nothing'
}

/** docs/stages/<id>.md: what a stage needs, establishes and calls. One that is no part of the runbook has no number. */
export const stagePage = (
  stage: Stage,
  index?: number,
): string => `# ${index === undefined ? '' : `${index + 1}. `}${stage.id}: ${stage.title}

<!-- Generated from src/response/stages/${stage.id}.ts and src/aws/calls.ts by \`npm run docs\`. -->

${storyOf(stage.id)}

| | |
|---|---|
| phase (NIST SP 800-61r3) | ${stage.phase} |
| needs | ${needsOf(stage)} |
| establishes | \`${stage.establishes}\` |
| changes something | ${stage.act ? 'yes, after approval' : 'no, it only looks'} |
| checked again | ${stage.recheck ? `${stage.recheck.after.map((seconds) => `after ${seconds} s, `).join('')}before the report` : 'no'} |

| API call | access | what for |
|---|---|---|
${callRows(stage.id)}
`
