import type { GetServiceSettingRequest, GetServiceSettingResult } from '@aws-sdk/client-ssm'
import type { Account } from '../../account/account.ts'
import { operation } from '../../service.ts'
import { refused } from './refused.ts'

const HOST_MANAGEMENT = '/ssm/managed-instance/default-ec2-instance-management-role'

const idOf = (settingIdOrArn = ''): string => settingIdOrArn.replace(/^arn:[^/]*:servicesetting(?=\/)/, '')

const settingArn = ({ partition, region, id }: Account, settingId = ''): string =>
  `arn:${partition}:ssm:${region}:${id}:servicesetting${idOf(settingId)}`

/** GetServiceSetting of Default Host Management; `$None` where it is not set up. */
export const getServiceSetting = operation<GetServiceSettingRequest, GetServiceSettingResult>({
  authorize: (account, { SettingId }) => [{ action: 'ssm:GetServiceSetting', resource: settingArn(account, SettingId) }],
  run: (account, { SettingId }) => {
    const settingId = idOf(SettingId)
    if (settingId !== HOST_MANAGEMENT) {
      throw refused('ServiceSettingNotFound', `Setting with the name ${SettingId} is not found.`)
    }
    const { value } = account.defaultHostManagementRole
    return {
      ServiceSetting: {
        SettingId: settingId,
        SettingValue: value === '' ? '$None' : value,
        ARN: settingArn(account, SettingId),
        LastModifiedUser: 'System',
        Status: value === '' ? 'Default' : 'Customized',
      },
    }
  },
  writes: false,
})
