import type { DescribeRegionsRequest, DescribeRegionsResult } from '@aws-sdk/client-ec2'
import { ServiceError } from '../../call.ts'
import { operation } from '../../service.ts'
import { filtered } from './filters.ts'
import { refuseDryRun } from './found.ts'

/** The Regions that are enabled in every account by default. */
const DEFAULT_REGIONS = [
  'ap-northeast-1',
  'ap-northeast-2',
  'ap-northeast-3',
  'ap-south-1',
  'ap-southeast-1',
  'ap-southeast-2',
  'ca-central-1',
  'eu-central-1',
  'eu-north-1',
  'eu-west-1',
  'eu-west-2',
  'eu-west-3',
  'sa-east-1',
  'us-east-1',
  'us-east-2',
  'us-west-1',
  'us-west-2',
]

interface RegionRow {
  readonly name: string
  readonly optIn: string
}

/** DescribeRegions: the default ones, and the account's own where that had to be opted into. */
export const describeRegions = operation<DescribeRegionsRequest, DescribeRegionsResult>({
  run: (account, input) => {
    const { RegionNames = [], Filters } = input
    const enabled = DEFAULT_REGIONS.map((name): RegionRow => ({ name, optIn: 'opt-in-not-required' }))
    const all = DEFAULT_REGIONS.includes(account.region) ? enabled : [...enabled, { name: account.region, optIn: 'opted-in' }]
    const unknown = RegionNames.find((region) => !all.some(({ name }) => name === region))
    if (unknown !== undefined) throw new ServiceError('InvalidParameterValue', `Invalid region names: [${unknown}]`)
    const asked = all.filter(({ name }) => RegionNames.length === 0 || RegionNames.includes(name))
    const shown = filtered(asked, Filters, {
      endpoint: ({ name }) => [`ec2.${name}.amazonaws.com`],
      'opt-in-status': ({ optIn }) => [optIn],
      'region-name': ({ name }) => [name],
    })
    refuseDryRun(input)
    const Regions = shown.map(({ name, optIn }) => ({
      RegionName: name,
      OptInStatus: optIn,
      Endpoint: `ec2.${name}.amazonaws.com`,
    }))
    return { Regions }
  },
  writes: false,
})
