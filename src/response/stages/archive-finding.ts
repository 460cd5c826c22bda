import { ArchiveFindingsCommand, GetFindingsCommand, ListDetectorsCommand } from '@aws-sdk/client-guardduty'
import { awsCommandFor } from '../../incident/aws-command.ts'
import type { Effect } from '../../incident/entry.ts'
import { fields, text } from '../../incident/values/block.ts'
import { untrusted } from '../../incident/values/untrusted.ts'
import { type Context, defineStage, established, notApplicable } from '../stage.ts'

/**
 * Archives the finding in GuardDuty, once a response has confirmed everything that it claims: never while a way in is alive. It is the
 * last thing that happens, because Detective does not receive archived findings. It is no part of the runbook: `--archive` asks for it,
 * and whether it succeeds does not change how the response ends.
 */
export const archiveFinding = defineStage({
  id: 'archive-finding',
  phase: 'review',
  title: 'Archive the finding',
  needs: ['finding'],
  establishes: 'archive',

  async assess(incident, context) {
    const { finding, source } = incident.facts.finding
    if (source === 'reported') return notApplicable('there is no finding: the credentials were reported')
    const { id, region } = finding
    const found = await lookAt(id, region, context)
    if (!found)
      return notApplicable(`GuardDuty in ${region} does not show finding ${id} to this account: there is nothing to archive`)
    const archive = { findingId: id, region, seenAt: context.now() }
    if (found.archived) return established(archive)
    return {
      status: 'needed',
      effects: [archiveEffect({ id, region, detectorId: found.detectorId }, context)],
      expected: archive,
      acknowledgement: [
        text(
          'An archived finding leaves the list of current findings. GuardDuty does not send it on any more, and Detective does not receive it.',
        ),
        text(`The report of this incident stays: \`ir-cred report ${incident.id}\``),
      ],
    }
  },

  async act(incident, context) {
    const { id, region } = incident.facts.finding.finding
    const found = await lookAt(id, region, context)
    if (!found || found.archived) return
    const { detectorId } = found
    const command = new ArchiveFindingsCommand({ DetectorId: detectorId, FindingIds: [id] })
    await context.write(context.aws(region).guardduty, command, archiveEffect({ id, region, detectorId }, context))
  },

  withoutIt: ({ why }) =>
    `GuardDuty did not archive the finding (${why ?? 'no reason was given'}). In an organization only the administrator account of GuardDuty may archive: do it there`,

  describe: ({ findingId, region, seenAt }) => [
    fields(['archived', [untrusted(findingId), ` in ${region}, seen `, { at: seenAt }]]),
    text('To find it again: `ir-cred findings --archived`'),
  ],
})

/** The finding as GuardDuty has it, and the detector that has it; undefined where this account is not shown it. */
const lookAt = async (
  id: string,
  region: string,
  context: Context,
): Promise<{ readonly detectorId: string; readonly archived: boolean } | undefined> => {
  const { guardduty } = context.aws(region)
  const { DetectorIds: [detectorId] = [] } = await guardduty.send(new ListDetectorsCommand({}))
  if (detectorId === undefined) return undefined
  const { Findings = [] } = await guardduty.send(new GetFindingsCommand({ DetectorId: detectorId, FindingIds: [id] }))
  const found = Findings.find(({ Id }) => Id === id)
  return found && { detectorId, archived: found.Service?.Archived === true }
}

interface Archived {
  readonly id: string
  readonly region: string
  readonly detectorId: string
}

const archiveEffect = ({ id, region, detectorId }: Archived, { setting }: Context): Effect => ({
  operation: 'guardduty:ArchiveFindings',
  resource: `detector/${detectorId}/finding/${id}`,
  parameters: { DetectorId: detectorId, FindingIds: [id] },
  sentence: `archive finding ${id} in ${region}`,
  cost: 'whoever watches current findings does not see it any more',
  undo: 'unarchive the finding',
  undoCommand: awsCommandFor(setting)(`guardduty unarchive-findings --detector-id ${detectorId} --finding-ids ${id}`, region),
})
