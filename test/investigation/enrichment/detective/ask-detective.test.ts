import { StartInvestigationCommand } from '@aws-sdk/client-detective'
import { describe, expect, it } from 'vitest'
import { plus } from '../../../../src/incident/values/instant.ts'
import { askDetective, type DetectiveQuestion } from '../../../../src/investigation/enrichment/detective/ask-detective.ts'
import type { DetectiveConnection } from '../../../../src/investigation/enrichment/detective/connection.ts'
import { detectiveScope } from '../../../../src/investigation/enrichment/detective/scope.ts'
import { detectiveBlocks, detectiveOf } from '../../../../src/investigation/sections/detective.ts'
import { blockText } from '../../../support/block-text.ts'
import { ROLE_ARN } from '../../../support/detective-connection.ts'
import { build } from '../../../support/scenario.ts'
import { onAccount } from '../../../support/stage-on-account.ts'

/** A simulated account and a connection on it, as a command without a runbook has it. */
const opened = async (scenario = 'custom-threat-list') => {
  const built = await build(scenario)
  const { context, writes } = await onAccount(built)
  const { detective } = context.aws('us-east-1')
  const { now, settle, progress } = context
  const connection: DetectiveConnection = { detective, region: 'us-east-1', partition: 'aws', now, settle, progress, waits: 900 }
  const question: DetectiveQuestion = {
    entity: {
      accountId: built.account.id,
      entityArn: ROLE_ARN,
      entityId: 'AROAXCSEC6TNB2WZPQ7LK',
      principalId: 'AROAXCSEC6TNB2WZPQ7LK:i-08faaaafb15777f5a',
    },
    scope: detectiveScope({ first: plus(now(), -3_000), last: plus(now(), -60) }, now()),
  }
  const ask = (parts: Partial<DetectiveQuestion> = {}) => askDetective({ ...question, ...parts }, connection)
  const start = (GraphArn: string) =>
    context.write(
      detective,
      new StartInvestigationCommand({
        ...{ GraphArn, EntityArn: ROLE_ARN },
        ...{ ScopeStartTime: new Date(question.scope.from), ScopeEndTime: new Date(question.scope.until) },
      }),
      { operation: 'detective:StartInvestigation', resource: GraphArn, sentence: 'somebody starts one' },
    )
  return { account: built.account, ask, start, writes, connection }
}

/** The answer once somebody has started an investigation. */
const answered = async (on: Awaited<ReturnType<typeof opened>>, parts: Partial<DetectiveQuestion> = {}) => {
  await on.start(on.account.graphArn ?? '')
  const answer = await on.ask(parts)
  if (answer.kind !== 'answered') throw new Error(answer.kind)
  return answer
}

describe('a command that only looks', () => {
  it('starts nothing, and shows how an investigation is started', async () => {
    const on = await opened()
    const answer = await on.ask()
    expect(on.writes()).toEqual([])
    const said = blockText(detectiveBlocks(answer))
    expect(said).toContain(
      `No Detective investigation of ${ROLE_ARN} stands, and this command starts none. CloudTrail’s answers stand`,
    )
    expect(said).toContain(
      `aws detective start-investigation --region us-east-1 --graph-arn ${on.account.graphArn} --entity-arn ${ROLE_ARN} --scope-start-time 2026-11-25T01:00:00Z --scope-end-time 2026-11-25T02:00:00Z`,
    )
    expect(said).toMatch(/role session: https:.*#entities\/AwsRoleSession\/AROAXCSEC6TNB2WZPQ7LK:i-08faaaafb15777f5a\?/)
    expect(detectiveOf(answer)).toMatchObject({
      status: 'unstarted',
      entityArn: ROLE_ARN,
      start: expect.stringMatching(/^aws detective/),
    })
  })

  it('uses the newest investigation that stands, waits for it, and shows every indicator', async () => {
    const on = await opened()
    const answer = await answered(on)
    expect(answer.investigation).toMatchObject({ status: 'SUCCESSFUL', severity: 'HIGH', reused: true, incomplete: [] })
    const said = blockText(detectiveBlocks(answer))
    for (const kind of [
      ...['tactic, technique or procedure', 'impossible travel', 'flagged address', 'new location', 'new network'],
      ...['new user agent', 'related finding;', 'related finding group'],
    ]) {
      expect(said, kind).toContain(`indicator: ${kind}`)
    }
    expect(said).toMatch(/new user agent; detail: Boto3.*, new for this role only/)
    expect(said).toMatch(/new user agent; detail: aws-cli.*kali.*, new for the whole account/)
  })

  it('shows the same in JSON, texts raw', async () => {
    const on = await opened()
    const answer = await answered(on)
    expect(detectiveOf(answer)).toMatchObject({
      status: 'answered',
      investigation: 'SUCCESSFUL',
      severity: 'HIGH',
      state: 'ACTIVE',
      scope: { from: '2026-11-25T01:00:00Z', until: '2026-11-25T02:00:00Z' },
      indicators: expect.arrayContaining([
        { type: 'NEW_ASO', detail: { Aso: 'Example Hosting', IsNewForEntireAccount: 'true' } },
        { type: 'RELATED_FINDING_GROUP', detail: { Id: expect.any(String) } },
      ]),
    })
  })
})

describe('what limits the answer is said', () => {
  it('the answer says that the graph is in training', async () => {
    const on = await opened()
    Object.assign(on.account, { graphCreatedAt: on.account.clock.now() - 5 * 86_400_000 })
    const { investigation } = await answered(on)
    expect(investigation.remarks).toEqual([expect.stringMatching(/^in training: the graph was made 5 d.* ago/)])
    expect(blockText(detectiveBlocks({ kind: 'answered', investigation }))).toContain('note: in training')
  })

  it('the answer says that the investigation looks at another time', async () => {
    const on = await opened()
    const scope = detectiveScope({ first: plus(on.connection.now(), -90_000), last: on.connection.now() }, on.connection.now())
    const { investigation } = await answered(on, { scope })
    expect(investigation.remarks).toEqual([
      expect.stringMatching(/^it looks at 2026-11-25T01:00:00Z to 2026-11-25T02:00:00Z, not at/),
    ])
  })

  it('an investigation from before is not taken for the one that was asked for', async () => {
    const on = await opened()
    await on.start(on.account.graphArn ?? '')
    on.account.clock.advance(7_200)
    expect((await on.ask()).kind).toBe('answered')
    expect((await on.ask({ since: on.connection.now() })).kind).toBe('unstarted')
  })
})

it('an unavailable Detective is reported with what stands without it and what to do about it', async () => {
  const answer = await (await opened('detective-elsewhere')).ask()
  expect(blockText(detectiveBlocks(answer))).toMatch(
    /^.*This account administers no .*account 444455556666\. CloudTrail’s answers stand without it\.\nRemedy: name a profile .* continue\.$/s,
  )
  expect(detectiveOf(answer)).toEqual({ status: 'unavailable', why: expect.any(String), remedy: expect.any(String) })
})
