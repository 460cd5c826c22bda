import type { DescribeInstanceTypesRequest, DescribeInstanceTypesResult } from '@aws-sdk/client-ec2'
import { operation } from '../../service.ts'
import { refuseDryRun } from './found.ts'

/** A `d` behind the generation stands for instance-store disks; storage-optimized types have them anyway ("Instance type naming"). */
const WITH_DISKS = /^(?:[a-z]{1,16}\d{1,4}[a-z]{0,16}d[a-z]{0,16}|i\d{1,4}[a-z]{0,16}|d\d{1,4}[a-z]{0,16}|h1)\./

const GB_OF_STORE = 75

/** DescribeInstanceTypes, as far as it says whether a type has instance-store volumes. */
export const describeInstanceTypes = operation<DescribeInstanceTypesRequest, DescribeInstanceTypesResult>({
  run: (account, input) => {
    const { InstanceTypes = [] } = input
    refuseDryRun(input)
    const asked = InstanceTypes.length > 0 ? InstanceTypes : [...account.instances.values()].map(({ type }) => type)
    return {
      InstanceTypes: [...new Set<string>(asked)].map((type) => ({
        InstanceType: type as 't3.small',
        InstanceStorageSupported: WITH_DISKS.test(type),
        ...(WITH_DISKS.test(type) ? { InstanceStorageInfo: { TotalSizeInGB: GB_OF_STORE } } : {}),
      })),
    }
  },
  writes: false,
})
