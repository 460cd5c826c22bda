import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { Call, ServiceName } from '../../../src/simulator/call.ts'
import { createDispatcher } from '../../../src/simulator/wire/dispatch.ts'
import { serve } from '../../../src/simulator/wire/http-server.ts'
import { inProcessHandler } from '../../../src/simulator/wire/in-process.ts'
import type { OperationShape } from '../../../src/simulator/wire/schema.ts'
import { type LoadedService, serviceLoader, WIRE_SERVICES } from '../../../src/simulator/wire/services.ts'
import { verifySignature } from '../../../src/simulator/wire/signature.ts'
import { arbitraryOf } from './arbitrary-shape.ts'
import { type AnyClient, sdkClient, sdkCommand } from './sdk-clients.ts'
import { NOON, secretOf } from './wire-builders.ts'

const load = serviceLoader()
/** S3 has rules of its own about names and bodies: test/simulator/services/stores-on-the-wire.test.ts asks it. */
const served = Object.values(WIRE_SERVICES).filter(({ protocol }) => protocol !== 'restXml')
const services = await Promise.all(served.map(({ name }) => load(name)))

const account: { output: object; call: Call | undefined } = { output: {}, call: undefined }
const dispatch = createDispatcher({
  authenticate: verifySignature(secretOf),
  now: () => NOON,
  answer: async (call) => {
    account.call = call
    return account.output
  },
})

const sendsForms = ({ protocol }: LoadedService): boolean => protocol.endsWith('Query')

/** A list in the query is one parameter an item: an empty one does not travel. */
const asSent = ({ input }: OperationShape, value: unknown): unknown => {
  const inQuery = input.isUnitSchema()
    ? []
    : [...input.structIterator()].flatMap(([name, member]) => (member.getMergedTraits().httpQuery ? [name] : []))
  const travels = ([name, member]: [string, unknown]) => !(inQuery.includes(name) && Array.isArray(member) && member.length === 0)
  return Object.fromEntries(Object.entries(value as object).filter(travels))
}

const exchanges = (service: LoadedService, operation: OperationShape): fc.Arbitrary<readonly [unknown, unknown]> => {
  const { input, output } = operation
  return fc.tuple(
    arbitraryOf(input, { carriesEmptiness: !sendsForms(service) }).map((value) => asSent(operation, value)),
    arbitraryOf(output, { carriesEmptiness: true }),
  )
}

const expectExchange = async (client: AnyClient, service: ServiceName, operation: string, input: unknown, output: unknown) => {
  account.output = output as object
  const { $metadata, ...received } = await client.send(sdkCommand(service, operation, input))
  expect(account.call).toMatchObject({ service, operation, region: 'us-east-1' })
  expect(account.call?.input).toEqual(input)
  expect(received).toEqual(output)
}

describe.each(services)('$name, in process', (service) => {
  const client = sdkClient(service.name, { requestHandler: inProcessHandler(dispatch) })

  it.each([...service.operations.values()])(
    '$name: what the client sends arrives, what the account answers comes back',
    async (operation) => {
      const property = fc.asyncProperty(exchanges(service, operation), ([input, output]) =>
        expectExchange(client, service.name, operation.name, input, output),
      )
      await fc.assert(property, { numRuns: 12, seed: 20260301 })
    },
  )
})

describe('calls over HTTP', async () => {
  const server = await serve(dispatch, { port: 0 })
  afterAll(() => server.close())

  it.each([
    ['guardduty', 'ListFindings'],
    ['guardduty', 'ListDetectors'],
    ['guardduty', 'GetThreatIntelSet'],
    ['iam', 'PutRolePolicy'],
    ['sts', 'GetCallerIdentity'],
    ['ec2', 'DescribeVolumes'],
    ['ssm', 'SendCommand'],
    ['cloudtrail', 'LookupEvents'],
    ['detective', 'StartInvestigation'],
    ['autoscaling', 'DescribeAutoScalingGroups'],
    ['elasticloadbalancing', 'DescribeTargetGroups'],
  ] as const)('%s %s: the same, with signatures over what really travelled', async (name, operationName) => {
    const service = await load(name)
    const operation = service.operations.get(operationName)
    const client = sdkClient(name, { endpoint: server.endpoint })
    for (const [input, output] of operation ? fc.sample(exchanges(service, operation), { numRuns: 5, seed: 1 }) : []) {
      await expectExchange(client, name, operationName, input, output)
    }
    client.destroy()
    expect(operation?.name).toBe(operationName)
  })
})
