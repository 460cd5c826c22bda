import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import type { Entry } from '../../../../src/incident/entry.ts'
import { rawLine } from '../../../../src/incident/values/show.ts'
import { issueWebIdentityToken } from '../../../../src/simulator/issue-credentials.ts'
import type { BuiltScenario } from '../../../../src/simulator/scenario-kit/scenario.ts'
import { openAccount } from '../../../../src/simulator/serve-account.ts'
import { createDispatcher } from '../../../../src/simulator/wire/dispatch.ts'
import { inProcessHandler } from '../../../../src/simulator/wire/in-process.ts'
import { breaks } from '../../../faults/kinds.ts'
import { buildQuick } from '../../../laws/whole-run.ts'
import { runAwsCommand } from '../../../support/run-aws-command.ts'
import { type MemoryRun, plainYes, runInMemory } from '../../../support/run-in-memory.ts'
import { passes } from '../../../support/scenario.ts'

const HOUR = 3_600
/** Seconds in which a change of IAM spreads. */
const SPREAD = 60

const renewalIn = async (built: BuiltScenario, parts: Partial<MemoryRun> = {}) => {
  const ran = await runInMemory({ built, proofWait: 0, ...parts })
  const { renewal, rotation } = ran.result.incident.facts
  const steps = (renewal?.byHand ?? []).map(({ sentence, ...step }) => ({ ...step, sentence: rawLine(sentence) }))
  return { ...ran, renewal, rotation, steps }
}

/** What an STS client of anybody gets for a token of the cluster's issuer. */
const assumedBy = ({ account, stolenToken }: BuiltScenario, token: string) => {
  const { answer } = openAccount({ account } as BuiltScenario)
  const requestHandler = inProcessHandler(createDispatcher({ answer, now: account.clock.now }))
  return new STSClient({ region: 'us-east-1', requestHandler, maxAttempts: 1 }).send(
    new AssumeRoleWithWebIdentityCommand({ RoleArn: stolenToken?.roleArn, WebIdentityToken: token, RoleSessionName: 'again' }),
  )
}

/** A token that the cluster gives to another service account. */
const tokenFor = ({ account, stolenToken }: BuiltScenario, name: string): string => {
  const stolen = account.webIdentityTokens.get(stolenToken?.token ?? '')
  if (!stolen) throw new Error('no token was stolen')
  return issueWebIdentityToken(account, { ...stolen, subject: `system:serviceaccount:shop:${name}` }).token
}

/** Changes what CloudTrail wrote of the issues from this time on. */
const rewriteIssues = ({ account }: BuiltScenario, since: number, change: (text: string) => string): void => {
  for (const record of account.trail.all()) {
    const written = record.document()
    const isIssue = record.eventName === 'AssumeRole' && Date.parse(String(written.eventTime)) >= since
    if (isIssue) Object.assign(record, { document: () => JSON.parse(change(JSON.stringify(written))) })
  }
}

describe('pods with EKS Pod Identity', () => {
  it('are named with the commands in their order: the association first, where it was deleted, then the restart', async () => {
    const { steps } = await renewalIn(await buildQuick('pod-identity'))
    expect(steps).toMatchObject([
      { state: 'to-do', command: expect.stringContaining('aws eks create-pod-identity-association --cluster-name shop-cluster') },
      {
        state: 'later',
        command: expect.stringMatching(
          /^aws eks update-kubeconfig --name shop-cluster --region us-east-1 && kubectl --namespace shop get .*serviceAccountName=="orders".* \| xargs -r kubectl --namespace shop rollout restart$/,
        ),
      },
    ])
  })

  it('are restarted at once where the association stands', async () => {
    const { steps } = await renewalIn(await buildQuick('pod-identity'), { responder: plainYes })
    expect(steps).toMatchObject([{ state: 'to-do', command: expect.stringContaining('rollout restart') }])
  })

  it('are proven renewed by a later run: by the record of an issue to the same service account after the cut-off', async () => {
    const built = await buildQuick('pod-identity')
    const journal: Entry[] = []
    const first = await renewalIn(built, { responder: plainYes, journal })
    expect(first.renewal?.workloads).toEqual([])
    expect(first.rotation).toBeUndefined()
    passes(built, 2 * HOUR)
    const { renewal, rotation, steps, result } = await renewalIn(built, { responder: plainYes, journal })
    expect(renewal?.workloads).toMatchObject([
      { kind: 'identity', name: expect.stringContaining('service account "orders" in namespace "shop"'), state: 'renewed' },
    ])
    expect(steps.map(({ state }) => state)).toEqual(['done'])
    expect(rotation).toMatchObject({ verdict: 'rotated', corroboration: [{ kind: 'cloudtrail' }] })
    expect(built.newCredentials()?.accessKeyId).toBeDefined()
    // Whoever is in the pods takes new credentials too.
    expect(result.exitCode).toBe(6)
  })

  it('are not proven by an issue to another service account of the role', async () => {
    const built = await buildQuick('pod-identity')
    const journal: Entry[] = []
    await renewalIn(built, { responder: plainYes, journal })
    const since = built.account.clock.now()
    passes(built, 2 * HOUR)
    rewriteIssues(built, since, (text) => text.replaceAll('"value":"orders"', '"value":"others"'))
    const { renewal } = await renewalIn(built, { responder: plainYes, journal })
    expect(renewal?.workloads).toEqual([])
  })

  it('are named without a service account where the record of the issue has no tags, with the command that finds the associations', async () => {
    const built = await buildQuick('pod-identity')
    rewriteIssues(built, 0, (text) => text.replaceAll('"tags":', '"others":'))
    const { steps } = await renewalIn(built, { responder: plainYes })
    expect(steps).toMatchObject([
      {
        sentence: expect.stringContaining('names no service account'),
        command: expect.stringContaining('list-pod-identity-associations'),
      },
    ])
  })
})

describe('pods with a web identity', () => {
  it('are named with another service account, which the trust policy names: a restart alone has the stolen token’s subject', async () => {
    const { steps, renewal } = await renewalIn(await buildQuick('web-identity'))
    expect(steps.map(({ state, command }) => [state, command])).toEqual([
      [
        'to-do',
        expect.stringMatching(/create serviceaccount payments-2 && kubectl .*eks\.amazonaws\.com\/role-arn=\S+role\/payments$/),
      ],
      ['to-do', expect.stringMatching(/^aws iam update-assume-role-policy --role-name payments /)],
      ['to-do', expect.stringMatching(/xargs -r -I\{\} kubectl --namespace shop set serviceaccount \{\} payments-2$/)],
    ])
    expect(renewal?.workloads).toEqual([])
  })

  it('work again by the command for the trust policy, while the stolen token is refused; a later run proves it', async () => {
    const built = await buildQuick('web-identity')
    const journal: Entry[] = []
    const first = await renewalIn(built, { journal })
    const [, trust] = first.steps
    await runAwsCommand(trust?.command ?? '', { opened: first.account, by: built.cast.responder })
    passes(built, SPREAD)
    await expect(assumedBy(built, built.stolenToken?.token ?? '')).rejects.toMatchObject({ name: 'AccessDenied' })
    await expect(assumedBy(built, tokenFor(built, 'payments-2'))).resolves.toHaveProperty('Credentials')
    await expect(assumedBy(built, tokenFor(built, 'payments-3'))).rejects.toMatchObject({ name: 'AccessDenied' })
    passes(built, 2 * HOUR)
    const { renewal, rotation, steps, result } = await renewalIn(built, { journal })
    expect(renewal?.workloads).toMatchObject([
      { kind: 'identity', name: expect.stringContaining('service account "payments-2"') },
    ])
    expect(steps.every(({ state }) => state === 'done')).toBe(true)
    expect(rotation).toMatchObject({ verdict: 'rotated' })
    expect(result).toMatchObject({ exitCode: 0, alarms: [] })
  })

  it('are not proven by a session of the same subject, which the stolen token has too', async () => {
    const built = await buildQuick('web-identity')
    const journal: Entry[] = []
    await renewalIn(built, { responder: plainYes, journal })
    await assumedBy(built, built.stolenToken?.token ?? '')
    passes(built, HOUR)
    const { renewal, rotation } = await renewalIn(built, { responder: plainYes, journal })
    expect(renewal?.workloads).toEqual([])
    expect(rotation).toBeUndefined()
    expect(renewal?.remarks.join()).toMatch(/issued to the same subject since the cut-off/)
  })

  it('are said to use old credentials still where the stolen key goes on after the renewal', async () => {
    const built = await buildQuick('web-identity')
    const journal: Entry[] = []
    const { steps, account } = await renewalIn(built, { journal })
    await runAwsCommand(steps[1]?.command ?? '', { opened: account, by: built.cast.responder })
    passes(built, SPREAD)
    await assumedBy(built, tokenFor(built, 'payments-2'))
    passes(built, HOUR)
    const { renewal } = await renewalIn(built, { journal })
    expect(renewal?.remarks.join()).toMatch(/the old credentials are still in use, by the attacker or by what was not renewed/)
  })

  it('name no trust policy where it cannot be read, and the steps stay', async () => {
    const fault = breaks('denied', { operation: 'iam:GetRole', times: Infinity })
    const { steps, renewal } = await renewalIn(await buildQuick('web-identity'), { fault, responder: plainYes })
    expect(steps).toHaveLength(3)
    expect(steps[1]?.command).toBeUndefined()
    expect(renewal?.unread.join()).toContain('iam:GetRole is denied')
  })
})
