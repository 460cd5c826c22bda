import { describe, expect, it } from 'vitest'
import { inEveryRegion, untilOneRegion } from '../../src/aws/every-region.ts'

const never = new Promise<never>(() => {})
const unknownCredentials = () =>
  Object.assign(new Error('The security token included in the request is invalid.'), {
    name: 'UnrecognizedClientException',
    $metadata: { httpStatusCode: 403 },
  })
const has = (answer: string) => answer === 'it'

describe('a search in which one answer is enough', () => {
  it('ends with the first Region that has it, while another gives no answer and AWS has not listed the Regions', async () => {
    const look = async (region: string) => (region === 'eu-west-1' ? 'it' : never)
    const asked = { regions: ['us-east-1', 'eu-west-1'], regionsKnown: () => never }
    const { answers } = await untilOneRegion(asked, 'look', look, has)
    expect(answers).toEqual([{ region: 'eu-west-1', answer: 'it' }])
  })

  it('also asks the Regions that AWS lists later, each Region once', async () => {
    const looked: string[] = []
    const look = async (region: string) => {
      looked.push(region)
      return region === 'me-south-1' ? 'it' : 'nothing'
    }
    const regionsKnown = async () => ['us-east-1', 'me-south-1']
    const { answers } = await untilOneRegion({ regions: ['us-east-1', 'eu-west-1'], regionsKnown }, 'look', look, has)
    expect(answers).toContainEqual({ region: 'me-south-1', answer: 'it' })
    expect(looked).toEqual(['us-east-1', 'eu-west-1', 'me-south-1'])
  })

  it('does not list a Region as unread that AWS does not list', async () => {
    const look = async (region: string) => {
      if (region === 'eu-west-1') throw unknownCredentials()
      return region
    }
    const asked = { regions: ['us-east-1', 'eu-west-1'], regionsKnown: async () => ['us-east-1'] }
    expect((await untilOneRegion(asked, 'look', look, has)).notRead).toEqual([])
  })

  it('gives all answers where none is enough', async () => {
    const look = async (region: string) => region
    const found = await untilOneRegion({ regions: ['us-east-1'], regionsKnown: async () => ['me-south-1'] }, 'look', look, has)
    expect(found.answers.map(({ region }) => region)).toEqual(['us-east-1', 'me-south-1'])
  })
})

it('a search in every Region lists the one that refuses, with the reason', async () => {
  const look = async (region: string) => {
    if (region === 'eu-west-1') throw Object.assign(new Error('no'), { name: 'AccessDeniedException', $metadata: {} })
    return region
  }
  const { answers, notRead } = await inEveryRegion(['us-east-1', 'eu-west-1'], 'look', look)
  expect(answers.map(({ region }) => region)).toEqual(['us-east-1'])
  expect(notRead).toMatchObject([{ region: 'eu-west-1', why: expect.stringContaining('denied') }])
})

describe('a Region that does not know the credentials', () => {
  const lookExceptIn = (refusing: string) => async (region: string) => {
    if (region === refusing) throw unknownCredentials()
    return region
  }

  it('is listed as not read, where it is not the incident’s own', async () => {
    const { notRead } = await inEveryRegion(['us-east-1', 'me-south-1'], 'look', lookExceptIn('me-south-1'))
    expect(notRead).toMatchObject([{ region: 'me-south-1', why: expect.stringContaining('may not be enabled') }])
  })

  it('ends the search where it is the incident’s own', async () => {
    await expect(inEveryRegion(['us-east-1', 'me-south-1'], 'look', lookExceptIn('us-east-1'))).rejects.toThrow('security token')
  })
})
