export {
  DescribeAutoScalingGroups$,
  DescribeAutoScalingInstances$,
  DescribeInstanceRefreshes$,
  EnterStandby$,
  ExitStandby$,
  ResumeProcesses$,
  StartInstanceRefresh$,
  SuspendProcesses$,
  UpdateAutoScalingGroup$,
} from '@aws-sdk/client-auto-scaling'
