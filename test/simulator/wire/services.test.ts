import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { inProcessHandler } from '../../../src/simulator/wire/in-process.ts'
import { readOperation } from '../../../src/simulator/wire/schema.ts'
import { serviceLoader, WIRE_SERVICES } from '../../../src/simulator/wire/services.ts'
import { sdkClient } from './sdk-clients.ts'
import { recordingDispatcher } from './wire-builders.ts'

const lockFile = JSON.parse(readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8')) as {
  packages: Record<string, unknown>
}

describe.each(Object.values(WIRE_SERVICES))('$name', (service) => {
  it('is spoken to as its SDK client speaks', () => {
    const { protocol, protocolSettings } = sdkClient(service.name, {
      requestHandler: inProcessHandler(recordingDispatcher().dispatch),
    }).config
    expect(protocol.getShapeId()).toBe(`aws.protocols#${service.protocol}`)
    if (service.protocol.endsWith('Query')) expect(protocolSettings.xmlNamespace).toBe(service.xmlNamespace)
  })

  it('has operations, each under its own name', async () => {
    const exported = Object.keys(await service.load()).map((name) => name.replace('$', ''))
    const { operations } = await serviceLoader()(service.name)
    expect([...operations.keys()].sort()).toEqual(exported.sort())
  })

  it('is read once', () => {
    const load = serviceLoader()
    expect(load(service.name)).toBe(load(service.name))
  })
})

describe('the internals of the SDK that the wire stands on', () => {
  it.each(['@smithy/core', '@aws-sdk/core'])('exist once: %s', (name) => {
    const copies = Object.keys(lockFile.packages).filter((path) => path.endsWith(`node_modules/${name}`))
    expect(copies).toEqual([`node_modules/${name}`])
  })

  it.each([
    ['a structure', [3, 'ns', 'GetRoleRequest', 0, [], []]],
    ['an operation that takes a string', [9, 'ns', 'GetRole', 0, () => 0, () => 'unit']],
    ['an http trait in another form', [9, 'ns', 'GetRole', { http: 'GET /role' }, () => 'unit', () => 'unit']],
    ['nothing', undefined],
  ])('are not used when they look otherwise: %s', (_, schema) => {
    expect(() => readOperation(schema)).toThrow('Install the exact versions with npm ci')
  })
})
