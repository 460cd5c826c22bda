import { describe, expect, it } from 'vitest'
import { stillToDo } from '../../../src/incident/still-to-do.ts'
import type { LambdaFunction } from '../../../src/simulator/account/compute.ts'
import type { BuiltScenario } from '../../../src/simulator/scenario-kit/scenario.ts'
import { breaks } from '../../faults/kinds.ts'
import { buildQuick } from '../../laws/whole-run.ts'
import { intendedBy } from '../../support/intended.ts'
import { type MemoryRun, plainYes, runInMemory } from '../../support/run-in-memory.ts'

const run = (built: BuiltScenario, parts: Partial<MemoryRun> = {}) => runInMemory({ built, proofWait: 0, ...parts })

const openIn = ({ result }: Awaited<ReturnType<typeof run>>) =>
  stillToDo(result.incident, { alarms: [], unproven: [] }).filter(({ kind }) => kind === 'open')

const functionOf = ({ account }: BuiltScenario): LambdaFunction => {
  const called = account.functions.get('make-thumbnails')
  if (!called) throw new Error('there is no function')
  return called
}

/** An account whose function has no statement on its alias, and this one of its own. */
const withStatement = async (statement: object): Promise<BuiltScenario> => {
  const built = await buildQuick('function-alias')
  functionOf(built).qualifiedPermissions?.clear()
  functionOf(built).permissions.set('own', { Sid: 'own', Effect: 'Allow', Action: 'lambda:InvokeFunction', ...statement })
  return built
}

describe('the URL and the policy of a function’s alias, where closing is approved by name', () => {
  it('let nobody in without a signature or a name, and what was issued until then is denied', async () => {
    const built = await buildQuick('function-alias')
    const { result, journal } = await run(built)
    expect(functionOf(built).aliasUrls?.get('live')?.authType).toBe('AWS_IAM')
    expect(functionOf(built).qualifiedPermissions?.get('live')?.size).toBe(0)
    expect(result.incident.facts.access?.ways).toMatchObject([
      { kind: 'function-url', what: 'the URL of alias live of function make-thumbnails', state: 'closed' },
      { kind: 'function-policy', state: 'closed', says: 'is not there any more, as it was read back' },
      { kind: 'later-cutoff', state: 'closed' },
    ])
    const [closing] = intendedBy(journal, 'lambda:UpdateFunctionUrlConfig')
    expect(closing?.effect.undoCommand).toContain('--qualifier live --auth-type NONE')
    expect(result).toMatchObject({ exitCode: 0, alarms: [] })
  })

  it('are kept as they were before they are changed', async () => {
    const { journal } = await run(await buildQuick('function-alias'))
    for (const [operation, name] of [
      ['lambda:UpdateFunctionUrlConfig', 'function-url-before-make-thumbnails-live'],
      ['lambda:RemovePermission', 'function-policy-before-make-thumbnails-livepartners'],
    ] as const) {
      const [made] = intendedBy(journal, operation)
      const kept = journal.findIndex((entry) => entry.type === 'kept' && entry.ref.file.includes(name))
      expect(kept).toBeGreaterThan(-1)
      expect(kept).toBeLessThan(made ? journal.indexOf(made) : -1)
    }
  })

  it('stay as they are where nobody approved it by name, with the commands', async () => {
    const built = await buildQuick('function-alias')
    const ran = await run(built, { responder: plainYes })
    expect(functionOf(built).aliasUrls?.get('live')?.authType).toBe('NONE')
    expect(openIn(ran)).toMatchObject([
      { command: expect.stringContaining('--qualifier live --auth-type AWS_IAM') },
      {
        command: expect.stringContaining(
          'lambda remove-permission --function-name make-thumbnails --qualifier live --statement-id partners',
        ),
      },
    ])
  })

  it.each([
    ['lambda:ListFunctionUrlConfigs', /the URLs of the aliases of function make-thumbnails .*ListFunctionUrlConfigs is denied/],
    ['lambda:GetPolicy', /who may invoke function make-thumbnails is not known in full: .*GetPolicy is denied/],
    [
      'lambda:ListVersionsByFunction',
      /who may invoke function make-thumbnails is not known in full: .*ListVersionsByFunction is denied/,
    ],
  ])('are not known where %s is refused, and the run goes on', async (operation, says) => {
    const ran = await run(await buildQuick('function-alias'), { fault: breaks('denied', { operation, times: Infinity }) })
    expect(openIn(ran).map(({ sentence }) => sentence)).toContainEqual(expect.stringMatching(says))
    expect(ran.result.incident.facts.closure).toBeDefined()
  })

  it('are no way any more for a later run that can read them, where nobody is let in', async () => {
    const built = await withStatement({ Principal: { Service: 's3.amazonaws.com' } })
    const journal: NonNullable<MemoryRun['journal']> = []
    await run(built, { journal, fault: breaks('denied', { operation: 'lambda:GetPolicy', times: Infinity }) })
    const { result } = await run(built, { journal })
    expect(result.incident.facts.access?.ways.map(({ kind }) => kind)).not.toContain('function-policy')
  })

  it('stay open where AWS refuses the change, and the rest is closed', async () => {
    const built = await buildQuick('function-alias')
    const ran = await run(built, { fault: breaks('denied', { operation: 'lambda:RemovePermission' }) })
    expect(functionOf(built).aliasUrls?.get('live')?.authType).toBe('AWS_IAM')
    expect(openIn(ran)).toMatchObject([{ sentence: expect.stringMatching(/AWS refused lambda:RemovePermission \(AccessDenied/) }])
  })
})

describe('a statement of a function’s policy', () => {
  it.each<[string, object]>([
    ['names everybody', { Principal: '*' }],
    ['names every account', { Principal: { AWS: '*' } }],
    ['allows everything of Lambda', { Principal: '*', Action: 'lambda:*' }],
    ['only says who is not let in', { Principal: '*', Condition: { StringNotEquals: { 'aws:SourceAccount': '444455556666' } } }],
  ])('is removed where it %s', async (_, statement) => {
    const built = await withStatement(statement)
    await run(built)
    expect(functionOf(built).permissions.size).toBe(0)
  })

  it.each<[string, object]>([
    ['names one account', { Principal: { AWS: 'arn:aws:iam::444455556666:root' } }],
    ['names a service', { Principal: { Service: 's3.amazonaws.com' } }],
    ['is for an organization alone', { Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-acme123456' } } }],
    [
      'is about the URL, which is closed',
      { Principal: '*', Condition: { StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' } } },
    ],
    ['allows something else', { Principal: '*', Action: 'lambda:GetLayerVersion' }],
  ])('stays where it %s', async (_, statement) => {
    const built = await withStatement(statement)
    await run(built)
    expect(functionOf(built).permissions.size).toBe(1)
  })
})
