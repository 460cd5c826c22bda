import type { InvestigationFact } from '../../incident/facts/facts.ts'
import { type Block, code, fields, type Line, link, table, text, warning } from '../../incident/values/block.ts'
import { rawText } from '../../incident/values/untrusted.ts'
import type { DetectiveAnswer } from '../enrichment/detective/ask-detective.ts'
import { indicatorLine, indicatorTitle } from './detective-indicators.ts'

/** What stands when Detective has no answer. */
export const WITHOUT_DETECTIVE = 'CloudTrail’s answers stand without it'

/** An investigation in words: status and severity, what limits it, every indicator with all its details, links. */
export const detectiveInvestigationBlocks = (investigation: InvestigationFact): readonly Block[] => {
  const { entityArn, createdAt, administrator, indicators, links, remarks = [], incomplete } = investigation
  const whose = entityArn?.includes(':user/') ? 'user' : 'role'
  return [
    fields(
      ['investigation', standingLine(investigation)],
      ...(entityArn === undefined ? [] : [[`of ${whose}`, entityArn] as const]),
      ...(createdAt === undefined ? [] : [['started', [{ at: createdAt }]] as const]),
      scopeOf(investigation),
      ...(administrator === undefined ? [] : [['graph of', `account ${administrator}`] as const]),
    ),
    indicators.length === 0
      ? text(investigation.status === 'SUCCESSFUL' ? 'Detective names no indicators.' : 'Detective names no indicators so far.')
      : table(
          ['indicator', 'detail'],
          indicators.map((indicator) => [indicatorTitle(indicator), indicatorLine(indicator, whose)]),
        ),
    ...remarks.map((remark) => text(`note: ${remark}`)),
    ...incomplete.map((why) => text(`incomplete: ${why}`)),
    ...links.map(({ label, url }) => link(label, url)),
  ]
}

const standingLine = ({ investigationId, reused, status, severity, state }: InvestigationFact): string =>
  [
    investigationId,
    ...(reused ? ['started earlier'] : []),
    status,
    ...(severity ? [`severity ${severity}`] : []),
    ...(state ? [`state ${state}`] : []),
  ].join(', ')

const scopeOf = ({ scopeStart, scopeEnd }: InvestigationFact): readonly [string, Line] =>
  scopeStart === undefined || scopeEnd === undefined
    ? ['scope', 'not given']
    : ['scope', [{ at: scopeStart }, ' to ', { at: scopeEnd }]]

/** Whatever Detective says, for a command that only looks: also how to start what nobody has started. */
export const detectiveBlocks = (answer: DetectiveAnswer): readonly Block[] => {
  switch (answer.kind) {
    case 'answered':
      return detectiveInvestigationBlocks(answer.investigation)
    case 'unavailable':
      return [warning(`${capital(answer.why)}. ${WITHOUT_DETECTIVE}.`), text(`Remedy: ${answer.remedy}.`)]
    case 'unstarted':
      return [
        text(`No Detective investigation of ${answer.entityArn} stands, and this command starts none. ${WITHOUT_DETECTIVE}.`),
        text('One is started by `ir-cred respond`, after approval, or by:'),
        code(startCommand(answer)),
        ...answer.remarks.map((remark) => text(`note: ${remark}`)),
        ...answer.links.map(({ label, url }) => link(label, url)),
      ]
  }
}

/** The aws CLI's command that starts the investigation: a change, for a person to make. */
const startCommand = ({ graph, entityArn, scope }: DetectiveAnswer & { kind: 'unstarted' }): string =>
  `aws detective start-investigation --region ${graph.arn.split(':')[3]} --graph-arn ${graph.arn} --entity-arn ${entityArn} --scope-start-time ${scope.from} --scope-end-time ${scope.until}`

const capital = (sentence: string): string => sentence.charAt(0).toUpperCase() + sentence.slice(1)

/** What Detective says, for `investigate --json`: texts complete and raw. For JSON only, where they are escaped. */
export const detectiveOf = (answer: DetectiveAnswer): object => {
  switch (answer.kind) {
    case 'unavailable':
      return { status: 'unavailable', why: answer.why, remedy: answer.remedy }
    case 'unstarted': {
      const { graph, entityArn, scope, remarks, links } = answer
      const { from, until } = scope
      return {
        status: 'unstarted',
        graphArn: graph.arn,
        entityArn,
        scope: { from, until },
        start: startCommand(answer),
        remarks,
        links,
      }
    }
    case 'answered': {
      const { scopeStart, scopeEnd, indicators, status, remarks = [], ...rest } = answer.investigation
      return {
        status: 'answered',
        ...rest,
        investigation: status,
        scope: { from: scopeStart ?? null, until: scopeEnd ?? null },
        indicators: indicators.map(({ type, detail }) => ({
          type,
          detail: Object.fromEntries(detail.map(([name, value]) => [name, rawText(value)])),
        })),
        remarks,
      }
    }
  }
}
