import { defineStage, established } from '../stage.ts'
import { findingBlocks } from './find-finding/blocks.ts'
import { relatedFindings } from './find-finding/related.ts'
import { chosenFinding } from './find-finding/request.ts'

/** Finds the GuardDuty finding to respond to, and every other one on the same access key, session, instance and role. */
export const findFinding = defineStage({
  id: 'find-finding',
  phase: 'detect',
  title: 'Find the finding',
  needs: [],
  establishes: 'finding',
  async assess(_, context) {
    const chosen = await chosenFinding(context)
    if ('status' in chosen) return chosen
    const { finding, source, raw } = chosen
    const document = await context.keep('finding', raw)
    const related = await relatedFindings(finding, context)
    return established({ finding, source, document, ...related })
  },
  describe: findingBlocks,
})
