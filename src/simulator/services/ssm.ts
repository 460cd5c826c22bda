import { regional } from '../account/regional.ts'
import type { Service } from '../service.ts'
import { commandOperations } from './ssm/commands.ts'
import { documentOperations } from './ssm/document-operations.ts'
import { describeInstanceInformation } from './ssm/instance-information.ts'
import { sendCommand } from './ssm/send-command.ts'
import { getServiceSetting } from './ssm/service-setting.ts'

/** Systems Manager: which agents are actorEvents, and Run Command. */
export const ssm: Service = regional({
  ...commandOperations,
  ...documentOperations,
  DescribeInstanceInformation: describeInstanceInformation,
  SendCommand: sendCommand,
  GetServiceSetting: getServiceSetting,
})
