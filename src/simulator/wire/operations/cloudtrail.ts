export {
  DescribeTrails$,
  GetTrailStatus$,
  LookupEvents$,
} from '@aws-sdk/client-cloudtrail'
