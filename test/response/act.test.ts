import { describe, expect, it } from 'vitest'
import { Failure } from '../../src/incident/values/failure.ts'
import { actOn } from '../../src/response/act.ts'
import type { AnyStage } from '../../src/response/stage.ts'
import { contextsOf } from '../support/stage-context.ts'

const { contextLike } = contextsOf()
const denied = new Failure({ kind: 'identity', what: 'AWS refused it', code: 'AccessDeniedException' })

const acting = (error: unknown, parts: object = {}) => {
  const act = () => (error === undefined ? Promise.resolve() : Promise.reject(error))
  return actOn({ id: 'stage', act, ...parts } as unknown as AnyStage, {} as never, contextLike())
}
const optional = { withoutIt: ({ code }: Failure) => (code === denied.code ? 'it is denied, and the rest stands' : undefined) }

describe('the changes of a stage', () => {
  it('are made, and nothing is left out', async () => {
    expect(await acting(undefined, optional)).toBeUndefined()
  })

  it('that are refused end the run', async () => {
    await expect(acting(denied)).rejects.toBe(denied)
  })

  it('that are refused to a stage which a response can do without leave it out, in its own words', async () => {
    expect(await acting(denied, optional)).toBe('it is denied, and the rest stands')
  })

  it('end the run of such a stage too when it has no word on the refusal, and when it is a mistake of ours', async () => {
    const ended = new Failure({ kind: 'identity', what: 'AWS refused it', code: 'ExpiredTokenException' })
    await expect(acting(ended, optional)).rejects.toBe(ended)
    await expect(acting(new TypeError('x'), optional)).rejects.toThrow(TypeError)
  })
})
