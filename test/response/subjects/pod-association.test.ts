import { describe, expect, it } from 'vitest'
import { stillToDo } from '../../../src/incident/still-to-do.ts'
import { noCompute } from '../../../src/simulator/account/compute.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import { breaks } from '../../faults/kinds.ts'
import { buildQuick, changesIn } from '../../laws/whole-run.ts'
import { intendedBy } from '../../support/intended.ts'
import { type MemoryRun, plainYes, runInMemory } from '../../support/run-in-memory.ts'

const SCENARIO = 'pod-identity'
const DELETE = 'eks:DeletePodIdentityAssociation'
const run = (built: BuiltScenario, parts: Partial<MemoryRun> = {}) => runInMemory({ built, proofWait: 0, ...parts })

const leftToDo = ({ result }: Awaited<ReturnType<typeof run>>, kind: string) =>
  stillToDo(result.incident, { alarms: [], unproven: [] }).filter((left) => left.kind === kind)
const openIn = (ran: Awaited<ReturnType<typeof run>>) => leftToDo(ran, 'open')

const associationsOf = ({ account }: BuiltScenario) => [...account.podIdentityAssociations.values()]

describe('a pod’s session by EKS Pod Identity, where closing is approved by name', () => {
  it('leaves no association that gives the role to pods, and what was issued until then is denied', async () => {
    const built = await buildQuick(SCENARIO)
    const [before] = associationsOf(built)
    const { result } = await run(built)
    expect(associationsOf(built)).toEqual([])
    expect(result).toMatchObject({ exitCode: 0, alarms: [] })
    expect(result.incident.facts.access?.ways).toMatchObject([
      { kind: 'pod-identity', what: `association shop-cluster/${before?.id}`, state: 'closed' },
      { kind: 'later-cutoff', state: 'closed' },
    ])
  })

  it('says in the question that the owner’s pods are cut off too, and how the association is created again', async () => {
    const built = await buildQuick(SCENARIO)
    const { journal } = await run(built)
    const [deletion] = intendedBy(journal, DELETE)
    expect(deletion?.effect).toMatchObject({
      sentence: expect.stringMatching(/by which the pods of service account "orders" in namespace "shop" get role orders-pod$/),
      cost: expect.stringContaining('are cut off, the owner’s too'),
      undoCommand: expect.stringMatching(
        /^aws eks create-pod-identity-association --cluster-name shop-cluster --namespace shop --service-account orders --role-arn \S+ --tags '\{"team":"shop"\}' --region us-east-1$/,
      ),
    })
    const kept = journal.findIndex((entry) => entry.type === 'kept' && entry.ref.file === deletion?.planned?.priorDocument?.file)
    expect(kept).toBeGreaterThan(-1)
    expect(kept).toBeLessThan(deletion ? journal.indexOf(deletion) : -1)
  })

  it('is not told to restart the pods before the association is there again', async () => {
    const built = await buildQuick(SCENARIO)
    const [back, later] = leftToDo(await run(built), 'cut-off')
    expect(back).toMatchObject({
      sentence: expect.stringMatching(/^the association that gives role orders-pod to the pods of .* is deleted/),
      command: expect.stringContaining('create-pod-identity-association'),
    })
    expect(later?.sentence).toMatch(/^One step follows/)
    const [open] = leftToDo(await run(await buildQuick(SCENARIO), { responder: plainYes }), 'cut-off')
    expect(open).toMatchObject({
      sentence: expect.stringMatching(/^restart the pods of service account "orders"/),
      command: expect.stringContaining('rollout restart'),
    })
  })

  it('finds one that gives the role as its target, and leaves those of other roles alone', async () => {
    const built = await buildQuick(SCENARIO)
    const [first] = associationsOf(built)
    if (!first) throw new Error('there is no association')
    const { podIdentityAssociations: all, id } = built.account
    const targetRoleArn = `arn:aws:iam::${id}:role/orders-pod`
    all.set('a-00000000000000001', { ...first, id: 'a-00000000000000001', namespace: 'a', roleName: 'web-app', targetRoleArn })
    all.set('a-00000000000000002', { ...first, id: 'a-00000000000000002', namespace: 'b', roleName: 'web-app' })
    const { result } = await run(built)
    expect(associationsOf(built).map(({ namespace }) => namespace)).toEqual(['b'])
    expect(changesIn(built)).toMatchObject({ DeletePodIdentityAssociation: 2 })
    expect(result.exitCode).toBe(0)
  })

  it.each([
    ['cannot be deleted', breaks('denied', { operation: DELETE }), /AWS refused eks:DeletePodIdentityAssociation/],
    [
      'cannot be listed',
      breaks('denied', { operation: 'eks:ListClusters', times: Infinity }),
      /may give role orders-pod to pods/,
    ],
  ])('is denied although the association %s: the way stays named, and the alarm stays', async (_, fault, says) => {
    const built = await buildQuick(SCENARIO)
    const ran = await run(built, { fault })
    expect(changesIn(built)).toEqual({ PutRolePolicy: 1, StartInvestigation: 1 })
    expect(openIn(ran)[0]).toMatchObject({ sentence: expect.stringMatching(says) })
    expect(ran.result.exitCode).toBe(6)
  })
})

describe('associations of a role in other Regions', () => {
  /** Another cluster in another Region, with an association of the role. */
  const elsewhere = async () => {
    const built = await buildQuick(SCENARIO)
    const { account } = built
    const [cluster] = account.eksClusters.values()
    const [association] = associationsOf(built)
    if (!cluster || !association) throw new Error('there is no cluster')
    const there = noCompute()
    Object.assign(account, { elsewhere: new Map([['eu-west-1', there]]) })
    there.eksClusters.set('berlin', { ...cluster, name: 'berlin' })
    there.podIdentityAssociations.set('a-00000000000000009', { ...association, id: 'a-00000000000000009', clusterName: 'berlin' })
    return { built, there }
  }

  it('are closed too, and their commands name their Region', async () => {
    const { built, there } = await elsewhere()
    const { journal, result } = await run(built)
    expect(there.podIdentityAssociations.size).toBe(0)
    expect(intendedBy(journal, DELETE).map(({ effect }) => effect.resource.split(':')[3])).toEqual(['us-east-1', 'eu-west-1'])
    expect(intendedBy(journal, DELETE)[1]?.effect.undoCommand).toContain('--region eu-west-1')
    expect(result).toMatchObject({ exitCode: 0, alarms: [] })
  })

  it('are said not to be looked at in a Region that refuses, which keeps no alarm', async () => {
    const { built, there } = await elsewhere()
    const fault = breaks('denied', { operation: 'eks:ListClusters', times: Infinity })
    const inRegion: MemoryRun['fault'] = (request, next) =>
      JSON.stringify(request.headers).includes('/eu-west-1/eks/') ? fault(request, next) : next(request)
    const ran = await run(built, { fault: inRegion })
    expect(there.podIdentityAssociations.size).toBe(1)
    expect(openIn(ran)).toMatchObject([
      { sentence: expect.stringMatching(/EKS Pod Identity in eu-west-1 may give .* was not looked at/) },
    ])
    expect(ran.result).toMatchObject({ exitCode: 0, alarms: [] })
  })
})

describe('a pod’s session, where nobody approved the closing by name', () => {
  it('stays an alarm with exit 6 and the command, and the association stays', async () => {
    const built = await buildQuick(SCENARIO)
    const ran = await run(built, { responder: plainYes })
    expect(associationsOf(built)).toHaveLength(1)
    expect(ran.result.exitCode).toBe(6)
    expect(ran.result.alarms.join('\n')).toMatch(/can obtain new sessions of role orders-pod.*delete the association/)
    expect(openIn(ran)).toMatchObject([
      {
        command: expect.stringContaining(
          'aws eks delete-pod-identity-association --cluster-name shop-cluster --association-id a-',
        ),
      },
    ])
  })

  it('is closed for a later run where somebody deleted the association by hand', async () => {
    const built = await buildQuick(SCENARIO)
    const journal: NonNullable<MemoryRun['journal']> = []
    await run(built, { responder: plainYes, journal })
    built.account.podIdentityAssociations.clear()
    const { result } = await run(built, { journal })
    expect(result.incident.facts.access?.ways).toMatchObject([
      { kind: 'pod-identity', state: 'closed' },
      { kind: 'later-cutoff', state: 'closed' },
    ])
    expect(changesIn(built)).toEqual({ PutRolePolicy: 2, StartInvestigation: 1 })
    expect(result).toMatchObject({ exitCode: 0, alarms: [] })
  })
})
