export {
  DescribeAutoScalingGroups$,
  DescribeAutoScalingInstances$,
} from '@aws-sdk/client-auto-scaling'
