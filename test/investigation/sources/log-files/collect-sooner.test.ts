import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { collectNowWhenLarge } from '../../../../src/investigation/sources/log-files/workers/collect-sooner.ts'

/** An object that V8 does not count among the young ones, because it has outlived two collections of these. */
const grownOld = (): object => {
  setFlagsFromString('--expose-gc')
  const collect: (options: { type: 'minor' }) => void = runInNewContext('gc')
  const grown = { held: ['by nobody'] }
  collect({ type: 'minor' })
  collect({ type: 'minor' })
  return grown
}

/** A weak reference holds its object until whatever called it has returned. */
const afterThat = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('what a thread that holds much has let go of is collected, however long it was held', async () => {
  const counts = new Float64Array(2 ** 24)
  const letGo = new WeakRef(grownOld())
  await afterThat()
  collectNowWhenLarge()
  expect(letGo.deref()).toBeUndefined()
  expect(counts).toHaveLength(2 ** 24)
})
