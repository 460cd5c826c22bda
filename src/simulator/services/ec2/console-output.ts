import type { GetConsoleOutputRequest, GetConsoleOutputResult } from '@aws-sdk/client-ec2'
import { instantOf } from '../../../incident/values/instant.ts'
import type { Account, Instance } from '../../account/account.ts'
import { operation } from '../../service.ts'
import { instanceNamed, onInstances, refuseDryRun } from './found.ts'

const bootLog = (account: Account, { id, launchTime, privateIp, agent }: Instance): string =>
  [
    '[    0.000000] Linux version 6.1.119-129.201.amzn2023.x86_64',
    `[    3.412204] cloud-init[1411]: Cloud-init v. 22.2.2 running 'init' at ${instantOf(new Date(launchTime))}`,
    `[    3.914410] cloud-init[1411]: ci-info: | ens5 | True | ${privateIp} |`,
    `[    5.260118] cloud-init[1502]: instance ${id} in ${account.region}`,
    ...(agent.installed ? ['[    6.021993] systemd[1]: Started amazon-ssm-agent.service - amazon-ssm-agent.'] : []),
    '',
  ].join('\r\n')

/** GetConsoleOutput, in base64. */
export const getConsoleOutput = operation<GetConsoleOutputRequest, GetConsoleOutputResult>({
  authorize: (account, { InstanceId = '' }) => onInstances(account, 'ec2:GetConsoleOutput', [InstanceId]),
  run: (account, input) => {
    const instance = instanceNamed(account, input.InstanceId)
    refuseDryRun(input)
    return {
      InstanceId: instance.id,
      Timestamp: new Date(instance.launchTime),
      Output: Buffer.from(bootLog(account, instance)).toString('base64'),
    }
  },
  writes: false,
})
