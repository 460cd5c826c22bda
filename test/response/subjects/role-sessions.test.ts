import { describe, expect, it } from 'vitest'
import { recipientOf } from '../../../src/incident/facts/recipient.ts'
import type { IssuedCredential } from '../../../src/simulator/account/credentials.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import { webIdentityTrust } from '../../../src/simulator/scenario-kit/subjects/trusts.ts'
import { buildQuick, changesIn } from '../../laws/whole-run.ts'
import { blockText } from '../../support/block-text.ts'
import { plainYes, runInMemory } from '../../support/run-in-memory.ts'
import { answerTo, stolen, takenByService, takenByWebIdentity, unrecorded } from '../../support/subjects.ts'

const run = (built: BuiltScenario) => runInMemory({ built, proofWait: 0 })

type Ran = Awaited<ReturnType<typeof run>>

const recipientIn = ({ result }: Ran) => {
  const { subject } = result.incident.facts
  if (subject?.kind !== 'role-session') throw new Error('no role session')
  return recipientOf(subject).kind
}

const saidIn = ({ events }: Ran, stage: string): string =>
  events.flatMap((event) => (event.type === 'described' && event.stage === stage ? [blockText(event.blocks)] : [])).join('\n')

const TASK = '0f1e2d3c4b5a69788796a5b4c3d2e1f0'

describe('a session of a role that has to do with no instance', () => {
  it.each<[string, string, (built: BuiltScenario) => IssuedCredential]>([
    ['a Lambda function', 'lambda', (built) => takenByService(built, 'lambda.amazonaws.com', { sessionName: 'resize' })],
    ['an ECS task', 'ecs', (built) => takenByService(built, 'ecs-tasks.amazonaws.com', { sessionName: TASK })],
    ['a pod', 'eks-pod', (built) => takenByService(built, 'pods.eks.amazonaws.com', { sessionName: 'eks-shop-web' })],
    ['another service', 'service', (built) => takenByService(built, 'glue.amazonaws.com', { sessionName: 'GlueJob' })],
  ])('is denied, and everything about instances is not applicable with the reason: of %s', async (_, kind, issue) => {
    const built = await buildQuick()
    // Nothing that AWS shows runs under the role.
    built.account.functions.clear()
    const session = stolen(built, issue(built))
    expect(answerTo(built, session)).toBe('allowed')
    const ran = await run(built)
    expect(answerTo(built, session)).toBe('explicitDeny')
    expect(recipientIn(ran)).toBe(kind)
    expect(changesIn(built)).toEqual({ PutRolePolicy: 1, StartInvestigation: 1 })
    expect(ran.result.incident.facts.evidence).toMatchObject({ snapshots: [], documents: [{ of: 'role web-app' }] })
    for (const stage of ['restart-instance', 'verify-rotation'])
      expect(ran.result.incident.decided[stage]).toMatchObject({
        how: 'notApplicable',
        why: expect.stringMatching(
          /there is no instance to stop and start|AWS shows nothing that runs under the role|no new credentials of what you renew by hand/,
        ),
      })
    expect(ran.result).toMatchObject({ exitCode: 0, alarms: [] })
    expect(ran.result.unproven).toContainEqual(expect.stringMatching(/^whether what uses role web-app has new credentials/))
  })

  it('is denied where CloudTrail does not show who it was issued to, and not confirmed: whoever obtained it may obtain the next', async () => {
    const built = await buildQuick()
    const session = stolen(built, unrecorded(built, { sessionName: 'deploy' }))
    const ran = await run(built)
    expect(answerTo(built, session)).toBe('explicitDeny')
    expect(recipientIn(ran)).toBe('unknown')
    expect(ran.result.exitCode).toBe(6)
    expect(ran.result.alarms).toEqual([expect.stringMatching(/does not show who ASIA\w+ was issued to/)])
  })

  it('is told by the record of its issue and never by its name: whoever assumes a role chooses that', async () => {
    const built = await buildQuick()
    const session = stolen(built, takenByService(built, 'lambda.amazonaws.com', { sessionName: TASK }))
    const ran = await run(built)
    const said = saidIn(ran, 'identify-subject')
    expect(said).toContain(`Lambda function "${TASK}", by CloudTrail’s record of the issue`)
    expect(said).toContain('which is only a hint')
    expect(answerTo(built, session)).toBe('explicitDeny')
  })

  it('is an alarm while a web identity can obtain the next one, although it is denied itself', async () => {
    const built = await buildQuick()
    const provider = 'oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE'
    const subject = 'system:serviceaccount:shop:web'
    const role = built.account.roles.get('web-app')
    if (!role) throw new Error('no role')
    const trustPolicy = webIdentityTrust(`arn:aws:iam::${built.account.id}:oidc-provider/${provider}`, provider, subject)
    built.account.roles.set('web-app', { ...role, trustPolicy })
    const session = stolen(built, takenByWebIdentity(built, provider, subject, { sessionName: 'botocore-session-1' }))
    const ran = await runInMemory({ built, proofWait: 0, responder: plainYes })
    expect(answerTo(built, session)).toBe('explicitDeny')
    expect(recipientIn(ran)).toBe('oidc')
    expect(ran.result.exitCode).toBe(6)
    expect(ran.result.alarms.join('\n')).toContain('Change the trust policy of the role')
  })
})

describe('a role that nobody here can edit is left alone, and the right place is looked at', () => {
  it.each([
    [
      'of a permission set',
      'AWSReservedSSO_Admin_0123456789abcdef',
      '/aws-reserved/sso.amazonaws.com/',
      /identity-store|sso-admin/,
    ],
    ['linked to a service', 'AWSServiceRoleForBatch', '/aws-service-role/batch.amazonaws.com/', /in batch\.amazonaws\.com/],
  ])('%s', async (_, name, path, place) => {
    const built = await buildQuick()
    const role = built.account.roles.get('web-app')
    if (!role) throw new Error('no role')
    built.account.roles.set(name, { ...role, name, path, id: 'AROAXCSEC6TNRESERVED0' })
    stolen(built, unrecorded(built, { roleName: name, sessionName: 'alice@example.com' }))
    const { result } = await run(built)
    expect(changesIn(built)).toEqual({ StartInvestigation: 1 })
    expect(result.exitCode).toBe(6)
    expect(JSON.stringify(result.incident.facts.byHand?.steps)).toMatch(place)
  })
})
