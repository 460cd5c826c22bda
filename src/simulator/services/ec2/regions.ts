import type { DescribeRegionsRequest, DescribeRegionsResult } from '@aws-sdk/client-ec2'
import { partitionOf } from '../../../incident/values/partition.ts'
import { ServiceError } from '../../call.ts'
import { operation } from '../../service.ts'
import { filtered } from './filters.ts'
import { refuseDryRun } from './found.ts'

/** Regions that an account has to opt into first. */
const OPTED_IN = /^(?:af|me|il|mx)-|^ap-(?:east|southeast-[3-9])|^eu-(?:south|central-2)|^ca-west/

interface RegionRow {
  readonly name: string
  readonly optIn: string
}

const endpointOf = (region: string): string => `ec2.${region}.${partitionOf(region)?.dnsSuffix ?? 'amazonaws.com'}`

/** DescribeRegions: those that are enabled in the account. */
export const describeRegions = operation<DescribeRegionsRequest, DescribeRegionsResult>({
  run: (account, input) => {
    const { RegionNames = [], Filters } = input
    const all = account.enabledRegions.map(
      (name): RegionRow => ({ name, optIn: OPTED_IN.test(name) ? 'opted-in' : 'opt-in-not-required' }),
    )
    const unknown = RegionNames.find((region) => !all.some(({ name }) => name === region))
    if (unknown !== undefined) throw new ServiceError('InvalidParameterValue', `Invalid region names: [${unknown}]`)
    const asked = all.filter(({ name }) => RegionNames.length === 0 || RegionNames.includes(name))
    const shown = filtered(asked, Filters, {
      endpoint: ({ name }) => [endpointOf(name)],
      'opt-in-status': ({ optIn }) => [optIn],
      'region-name': ({ name }) => [name],
    })
    refuseDryRun(input)
    const Regions = shown.map(({ name, optIn }) => ({
      RegionName: name,
      OptInStatus: optIn,
      Endpoint: endpointOf(name),
    }))
    return { Regions }
  },
  writes: false,
})
