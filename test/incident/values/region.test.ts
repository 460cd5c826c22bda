import { describe, expect, it } from 'vitest'
import { meantRegion, REGION } from '../../../src/incident/values/region.ts'

const REGIONS =
  `us-east-1 us-west-2 us-gov-west-1 us-iso-east-1 us-isob-west-1 us-isof-south-1 eu-isoe-west-1 eusc-de-east-1 cn-north-1
  cn-northwest-1 ap-southeast-7 ap-northeast-3 ap-south-2 eu-central-2 il-central-1 mx-central-1 me-central-1 af-south-1 sa-east-1
  ca-west-1`.split(/\s+/)

describe('the name of a Region', () => {
  it.each(REGIONS)('%s may be right', (name) => {
    expect([REGION.test(name), meantRegion(name)]).toEqual([true, undefined])
  })

  it('may be right with a number or a country that no Region has yet', () => {
    for (const name of ['us-east-9', 'nz-south-1', 'ap-southeast-12']) expect(meantRegion(name)).toBeUndefined()
  })

  it.each([
    ['us-esat-1', 'us-east-1'],
    ['us-eas-1', 'us-east-1'],
    ['us-gov-wset-1', 'us-gov-west-1'],
    ['eu-cental-1', 'eu-central-1'],
    ['ap-sotheast-2', 'ap-southeast-2'],
    ['ap-nort-1', 'ap-north-1'],
    ['us-virginia-1', ''],
  ])('%s was mistyped, and %s was meant', (typed, meant) => {
    expect(meantRegion(typed)).toBe(meant)
  })
})
