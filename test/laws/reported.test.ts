import { describe, expect, it } from 'vitest'
import { descriptions } from '../../src/cli/incident-run/stages.ts'
import type { Request } from '../../src/incident/entry.ts'
import { compose } from '../../src/report/compose.ts'
import { markdown } from '../../src/report/markdown.ts'
import { runInMemory, yes } from '../support/run-in-memory.ts'
import { SUBJECT_INSTANCE } from '../support/scenario.ts'
import { buildQuick, changesIn, EACH_ONCE } from './whole-run.ts'

const ROLE = 'web-app'
const reason = 'EDR alert 4711: credentials read from the metadata service'

/** A response to what is reported, in an account where GuardDuty has nothing. */
const respond = async (request: Request) => {
  const built = await buildQuick()
  built.account.findings.clear()
  const ran = await runInMemory({ built, request, responder: { ...yes, goesAhead: true }, proofWait: 0 })
  return { built, ...ran }
}

describe('a response without a finding', () => {
  it.each<Request>([
    { by: 'instance-id', instanceId: SUBJECT_INSTANCE, reason },
    {
      ...{ by: 'session', arn: `arn:aws:sts::111122223333:assumed-role/${ROLE}/${SUBJECT_INSTANCE}` },
      ...{ roleName: ROLE, sessionName: SUBJECT_INSTANCE, reason },
    },
  ])('to what is reported by $by denies, renews and proves, each once', async (request) => {
    const { built, result, events } = await respond(request)
    expect(changesIn(built)).toEqual(EACH_ONCE)
    expect(result).toMatchObject({ ending: 'completed', exitCode: 0 })
    expect(result.incident.facts.subject).toMatchObject({ instanceId: SUBJECT_INSTANCE, role: { name: ROLE } })
    expect(JSON.stringify(events)).toContain('no finding: reported by you')
  })

  it('to a role with several sessions denies all of them, restarts nothing, and says what is still to find out', async () => {
    const { built, result } = await respond({ by: 'role', roleName: ROLE, reason })
    const { PutRolePolicy, StopInstances, StartInstances } = changesIn(built)
    expect({ PutRolePolicy, StopInstances, StartInstances }).toEqual({ PutRolePolicy: 1 })
    expect(result).toMatchObject({ ending: 'blocked', exitCode: 5 })
    expect(result.failure?.why).toMatch(/it is not known which was stolen: the deny reaches all of them/)
    expect(result.failure?.remedy).toContain('--instance-id')
  })

  it('keeps the reason in the journal, and shows it in the report', async () => {
    const { journal } = await respond({ by: 'instance-id', instanceId: SUBJECT_INSTANCE, reason })
    expect(journal.find(({ type }) => type === 'opened')).toMatchObject({ request: { by: 'instance-id', reason } })
    const report = markdown(compose(journal, { head: '0'.repeat(64), version: '0.0.0', descriptions }))
    expect(report).toContain('EDR alert 4711')
    expect(report).toContain('Reported by you')
  })
})
