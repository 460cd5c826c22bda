import { mockClient as mockOfClient } from 'aws-sdk-client-mock'
import { afterAll } from 'vitest'

/** A mock of an SDK client until the end of the test file: the files of one worker share the SDK's classes. */
export const mockClient: typeof mockOfClient = (client) => {
  const mock = mockOfClient(client)
  afterAll(() => mock.restore())
  return mock
}
