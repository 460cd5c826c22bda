import { describe, expect, it } from 'vitest'
import { replay } from '../../../../src/incident/incident.ts'
import type { LambdaFunction } from '../../../../src/simulator/account/compute.ts'
import { hoursLater, liftOnDisk, respondedTo, stateRoots } from '../../../support/lifting.ts'

const root = stateRoots()

const statementsOf = ({ qualifiedPermissions }: LambdaFunction) => qualifiedPermissions?.get('live') ?? new Map<string, object>()

interface Lifting {
  readonly before?: (called: LambdaFunction) => void
  readonly since?: (called: LambdaFunction) => void
}

/** A response to a function behind an alias, and the lift of it once somebody has done this to the function. */
const lifted = async ({ before = () => {}, since = () => {} }: Lifting = {}) => {
  let image: unknown
  const prepared = { function: undefined as LambdaFunction | undefined }
  const responded = hoursLater(
    await respondedTo(root(), 'function-alias', ({ account }) => {
      const called = account.functions.get('make-thumbnails')
      if (!called) throw new Error('there is no function')
      before(called)
      prepared.function = called
      image = structuredClone([...statementsOf(called)])
    }),
    30,
  )
  const { function: called } = prepared
  if (!called) throw new Error('there is no function')
  expect([called.aliasUrls?.get('live')?.authType, called.aliases.get('live')]).toEqual(['AWS_IAM', '2'])
  since(called)
  const ran = await liftOnDisk(responded)
  const changes = replay(ran.journal).facts.lift?.changes ?? []
  const of = (operation: string) => changes.find((change) => change.operation === operation)
  return { ...ran, called, image, of }
}

describe('a lift of what a response did to a function behind an alias', () => {
  it('opens the URL of the alias and adds the statement of its policy again, as it was', async () => {
    const { called, image, exitCode, writes, of } = await lifted()
    expect([exitCode, writes]).toEqual([0, ['iam:DeleteRolePolicy', 'lambda:UpdateFunctionUrlConfig', 'lambda:AddPermission']])
    expect(called.aliasUrls?.get('live')?.authType).toBe('NONE')
    expect([...statementsOf(called)]).toEqual(image)
    expect(of('lambda:RemovePermission')).toMatchObject({ state: 'lifted', why: 'anybody can invoke it, as before the response' })
  })

  it('leaves the alias at its new version, with the command that points it back', async () => {
    const { called, of } = await lifted()
    expect(called.aliases.get('live')).toBe('2')
    expect(of('lambda:UpdateAlias')).toMatchObject({
      state: 'stays',
      command: expect.stringMatching(/lambda update-alias .*--function-version 1 /),
    })
    expect(of('lambda:PublishVersion')?.state).toBe('stays')
  })

  it('leaves a statement alone that somebody added under the same name since', async () => {
    const { called, of } = await lifted({
      since: (one) =>
        void statementsOf(one).set('partners', { Sid: 'partners', Effect: 'Allow', Principal: { AWS: '444455556666' } }),
    })
    expect(statementsOf(called).get('partners')).toMatchObject({ Principal: { AWS: '444455556666' } })
    expect(of('lambda:RemovePermission')?.state).toBe('changed')
  })

  it('names a statement that AddPermission has no parameters for, with the file in which it is kept', async () => {
    const Condition = { StringNotEquals: { 'aws:SourceAccount': '444455556666' } }
    const { called, of, writes } = await lifted({
      before: (one) => {
        const statement = statementsOf(one).get('partners')
        if (statement) statementsOf(one).set('partners', { ...statement, Condition })
      },
    })
    expect(statementsOf(called).size).toBe(0)
    expect(writes).not.toContain('lambda:AddPermission')
    expect(of('lambda:RemovePermission')).toMatchObject({
      state: 'kept',
      why: expect.stringMatching(/AddPermission has no parameters for what it said, which is kept in evidence/),
    })
  })

  it('has nothing to lift where the function is gone', async () => {
    const { writes, of } = await lifted({ since: (one) => one.aliases.delete('live') })
    expect(writes).not.toContain('lambda:AddPermission')
    expect(of('lambda:RemovePermission')?.state).toBe('gone')
  })
})
