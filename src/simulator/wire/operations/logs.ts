export { DescribeLogGroups$, DescribeLogStreams$, FilterLogEvents$ } from '@aws-sdk/client-cloudwatch-logs'
