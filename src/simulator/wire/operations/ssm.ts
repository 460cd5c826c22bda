export {
  CancelCommand$,
  DescribeInstanceInformation$,
  GetCommandInvocation$,
  GetServiceSetting$,
  ListCommandInvocations$,
  ListCommands$,
  SendCommand$,
} from '@aws-sdk/client-ssm'
