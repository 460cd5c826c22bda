import { describe, expect, it } from 'vitest'
import { descriptions } from '../../src/cli/incident-run/stages.ts'
import type { Entry } from '../../src/incident/entry.ts'
import { compose } from '../../src/report/compose.ts'
import { buildQuick, EACH_ONCE } from '../laws/whole-run.ts'
import { revocation } from '../support/account.ts'
import { blockText } from '../support/block-text.ts'
import { runInMemory } from '../support/run-in-memory.ts'

const undoIn = (journal: readonly Entry[]): string => {
  const { sections } = compose(journal, { head: 'ab'.repeat(8), version: '0.1.0', descriptions })
  return blockText(sections.find(({ heading }) => heading === 'Undo')?.blocks)
}

describe('the undo of a whole run', () => {
  it('says of every change how it is undone, or that there is nothing to undo', async () => {
    const { journal, result } = await runInMemory({ built: await buildQuick(), proofWait: 0 })
    const undo = undoIn(journal)
    expect(Object.keys(EACH_ONCE).filter((operation) => !undo.includes(`:${operation};`))).toEqual([])
    expect(undo).not.toContain('no undo is recorded')
    const { snapshots = [] } = result.incident.facts.evidence ?? {}
    expect(snapshots.length).toBeGreaterThan(0)
    for (const { id } of snapshots) expect(undo).toContain(`aws ec2 delete-snapshot --snapshot-id ${id} --region us-east-1`)
    expect(undo).toContain('aws iam delete-role-policy --role-name web-app --policy-name AWSRevokeOlderSessions')
    expect(undo).toContain('aws ec2 start-instances --instance-ids i-08faaaafb15777f5a --region us-east-1')
  })

  it('puts the policy back that the deny replaced: from the evidence file that holds it as it was', async () => {
    const built = await buildQuick()
    const before = revocation('2026-01-01T00:00:00Z')
    built.account.roles.get('web-app')?.inline.set('AWSRevokeOlderSessions', { document: before, writtenAt: 0 })
    const { journal } = await runInMemory({ built, proofWait: 0 })
    const kept = journal.flatMap((entry) =>
      entry.type === 'kept' && entry.name === 'prior-AWSRevokeOlderSessions' ? [entry.ref.file] : [],
    )
    expect(kept).toHaveLength(1)
    const undo = undoIn(journal)
    expect(undo).toContain(`which is kept in ${kept[0]}`)
    expect(undo).toMatch(
      /aws iam put-role-policy --role-name web-app --policy-name AWSRevokeOlderSessions --policy-document \S*file:/,
    )
    expect(undo).not.toContain('delete-role-policy')
    const intent = journal.find((entry) => entry.type === 'intended' && entry.effect.operation === 'iam:PutRolePolicy')
    expect(intent).toHaveProperty('effect.undoCommand', expect.stringContaining(kept[0] ?? 'x'))
  })
})
