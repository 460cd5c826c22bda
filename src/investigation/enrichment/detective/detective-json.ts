import { rawText } from '../../../incident/values/untrusted.ts'
import type { DetectiveAnswer } from './ask-detective.ts'
import { startCommand } from './detective-blocks.ts'

/** What Detective says, for `investigate --json`: texts complete and raw. For JSON only, where they are escaped. */
export const detectiveOf = (answer: DetectiveAnswer): object => {
  switch (answer.kind) {
    case 'silent':
      return { status: 'silent', why: answer.why, remedy: answer.remedy }
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
