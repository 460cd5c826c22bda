import { expect, test } from 'vitest'
import { serviceLoader, WIRE_SERVICES } from '../../../src/simulator/wire/services.ts'
import { membersRead } from './members-read.ts'

test('members that operations read are all that the wire lets through', async () => {
  const read = membersRead()
  const load = serviceLoader()
  const services = await Promise.all(
    Object.values(WIRE_SERVICES).map(async ({ name }) => {
      const { operations } = await load(name)
      const known = [...operations].map(([operation, { input }]) => {
        const members = input.isUnitSchema() ? [] : [...input.structIterator()].map(([member]) => member)
        return [operation, read(name, operation, members).join(' ')] as const
      })
      return [name, Object.fromEntries(known.sort(([a], [b]) => (a < b ? -1 : 1)))] as const
    }),
  )
  const table = `${JSON.stringify(Object.fromEntries(services), null, 1)}\n`
  await expect(table).toMatchFileSnapshot('../../../src/simulator/wire/known-members.json')
}, 120_000)
