import { describe, expect, it } from 'vitest'
import { deferredClient } from '../../src/aws/deferred-client.ts'

interface Echo {
  send(command: string, options?: object): Promise<unknown>
}

const counted = () => {
  let opened = 0
  const client = deferredClient<Echo>(async () => {
    opened += 1
    return { send: async (command, options) => [command, options] }
  })
  return { client, opened: () => opened }
}

describe('a deferred client', () => {
  it('is not opened before its first request', () => {
    expect(counted().opened()).toBe(0)
  })

  it('is opened once, by requests that are sent at the same time too', async () => {
    const { client, opened } = counted()
    await Promise.all([client.send('one'), client.send('two')])
    await client.send('three')
    expect(opened()).toBe(1)
  })

  it('passes on what is sent with its options, and gives the answer', async () => {
    const options = { requestTimeout: 1 }
    expect(await counted().client.send('one', options)).toEqual(['one', options])
  })

  it('fails with the reason for which it cannot be opened', async () => {
    const client = deferredClient<Echo>(() => Promise.reject(new Error('no such file')))
    await expect(client.send('one')).rejects.toThrow('no such file')
  })
})
