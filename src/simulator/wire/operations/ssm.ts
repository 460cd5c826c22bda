export {
  CancelCommand$,
  CreateDocument$,
  DescribeDocument$,
  DescribeInstanceInformation$,
  GetCommandInvocation$,
  GetDocument$,
  GetServiceSetting$,
  ListCommandInvocations$,
  ListCommands$,
  SendCommand$,
} from '@aws-sdk/client-ssm'
