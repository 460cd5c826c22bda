import { describe, expect, it } from 'vitest'
import { REGION } from '../../../src/incident/values/region.ts'

describe('the name of a Region', () => {
  it.each([
    'us-east-1',
    'ap-southeast-5',
    'mx-central-1',
    'cn-northwest-1',
    'us-gov-west-1',
    'us-isob-east-1',
    'eu-isoe-west-1',
    'eusc-de-east-1',
  ])('is known by its form in every partition: %s', (name) => {
    expect(name).toMatch(REGION)
  })

  it.each([
    '',
    'Frankfurt',
    'us-east',
    'us-east-1a',
    'us-east-1,eu-west-1',
    'eu-west-1;id',
    'eu-west-1.example',
    'a-1',
    '-east-1',
  ])('is not %j', (text) => {
    expect(text).not.toMatch(REGION)
  })
})
