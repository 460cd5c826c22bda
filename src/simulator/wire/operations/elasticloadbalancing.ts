export { DescribeTargetGroups$, DescribeTargetHealth$ } from '@aws-sdk/client-elastic-load-balancing-v2'
