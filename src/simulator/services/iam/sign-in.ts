import type {
  CreateLoginProfileRequest,
  CreateLoginProfileResponse,
  CreateVirtualMFADeviceRequest,
  CreateVirtualMFADeviceResponse,
  DeactivateMFADeviceRequest,
  DeleteLoginProfileRequest,
  DeleteVirtualMFADeviceRequest,
  EnableMFADeviceRequest,
  ListVirtualMFADevicesRequest,
  ListVirtualMFADevicesResponse,
  UpdateLoginProfileRequest,
  VirtualMFADevice,
} from '@aws-sdk/client-iam'
import type { Account, User } from '../../account/account.ts'
import { iamArn, userArn } from '../../account/arns.ts'
import { timeIn } from '../../agenda.ts'
import { operation } from '../../service.ts'
import { iamPage, noSuchEntity, userNamed, wholeSecondDate } from './found.ts'
import { onHolder, refuseConflict, refuseTaken, USERS } from './holders.ts'

const createLoginProfile = operation<CreateLoginProfileRequest, CreateLoginProfileResponse>({
  authorize: onHolder('CreateLoginProfile', USERS),
  run: (account, { UserName, PasswordResetRequired = false }) => {
    const user = userNamed(account, UserName)
    refuseTaken(user.passwordSince !== undefined, `Login Profile for user ${user.name}`)
    const passwordSince = timeIn(account)
    account.users.set(user.name, { ...user, passwordSince })
    return { LoginProfile: { UserName: user.name, CreateDate: wholeSecondDate(passwordSince), PasswordResetRequired } }
  },
  writes: true,
})

const deleteLoginProfile = operation<DeleteLoginProfileRequest, object>({
  authorize: onHolder('DeleteLoginProfile', USERS),
  run: (account, { UserName }) => {
    const { passwordSince, ...user } = userNamed(account, UserName)
    if (passwordSince === undefined) throw noSuchEntity(`Login Profile for User ${user.name} cannot be found.`)
    account.users.set(user.name, user)
    return {}
  },
  writes: true,
})

/** Ends no session of the console: those go on until they run out, as with a password that was changed on AWS. */
const updateLoginProfile = operation<UpdateLoginProfileRequest, object>({
  authorize: onHolder('UpdateLoginProfile', USERS),
  run: (account, { UserName }) => {
    const { name, passwordSince } = userNamed(account, UserName)
    if (passwordSince === undefined) throw noSuchEntity(`Login Profile for User ${name} cannot be found.`)
    return {}
  },
  writes: true,
})

const mfaArn = (account: Account, serialNumber = '*'): string => serialNumber || iamArn(account, 'mfa', '*')

/** A virtual device is known by an ARN, another by the number on it. */
const isVirtual = (serial: string): boolean => serial.startsWith('arn:')

/** Who has enabled a device, if anybody has. */
const userWith = (account: Account, serial: string): User | undefined =>
  [...account.users.values()].find(({ mfaDevices = [] }) => mfaDevices.some((device) => device.serial === serial))

const noSuchDevice = (serial: string) => noSuchEntity(`VirtualMFADevice with serial number ${serial} doesn't exist.`)

const createVirtualMfaDevice = operation<CreateVirtualMFADeviceRequest, CreateVirtualMFADeviceResponse>({
  authorize: (account, { VirtualMFADeviceName = '' }) => [
    { action: 'iam:CreateVirtualMFADevice', resource: iamArn(account, 'mfa', VirtualMFADeviceName) },
  ],
  run: (account, { VirtualMFADeviceName = '' }) => {
    const serial = iamArn(account, 'mfa', VirtualMFADeviceName)
    const isTaken = account.idleMfaDevices.has(serial) || userWith(account, serial) !== undefined
    refuseTaken(isTaken, 'MFADevice entity at the same path and name')
    account.idleMfaDevices.add(serial)
    return { VirtualMFADevice: { SerialNumber: serial } }
  },
  writes: true,
})

const deleteVirtualMfaDevice = operation<DeleteVirtualMFADeviceRequest, object>({
  authorize: (account, { SerialNumber }) => [{ action: 'iam:DeleteVirtualMFADevice', resource: mfaArn(account, SerialNumber) }],
  run: (account, { SerialNumber = '' }) => {
    refuseConflict(userWith(account, SerialNumber) !== undefined, 'deactivate the MFA device')
    if (!account.idleMfaDevices.delete(SerialNumber)) throw noSuchDevice(SerialNumber)
    return {}
  },
  writes: true,
})

/** The codes are not checked: nobody in the simulated account has the seed. */
const enableMfaDevice = operation<EnableMFADeviceRequest, object>({
  authorize: onHolder('EnableMFADevice', USERS),
  run: (account, { UserName, SerialNumber = '' }) => {
    const user = userNamed(account, UserName)
    refuseTaken(userWith(account, SerialNumber) !== undefined, `MFA Device ${SerialNumber} in use`)
    if (!account.idleMfaDevices.delete(SerialNumber)) throw noSuchDevice(SerialNumber)
    const mfaDevices = [...(user.mfaDevices ?? []), { serial: SerialNumber, enabledAt: timeIn(account) }]
    account.users.set(user.name, { ...user, mfaDevices })
    return {}
  },
  writes: true,
})

const deactivateMfaDevice = operation<DeactivateMFADeviceRequest, object>({
  authorize: onHolder('DeactivateMFADevice', USERS),
  run: (account, { UserName, SerialNumber = '' }) => {
    const user = userWith(account, SerialNumber)
    if (!user && !account.idleMfaDevices.has(SerialNumber)) throw noSuchDevice(SerialNumber)
    if (user?.name !== UserName || !user) throw noSuchEntity('MFA Device invalid for user.')
    const mfaDevices = (user.mfaDevices ?? []).filter(({ serial }) => serial !== SerialNumber)
    account.users.set(user.name, { ...user, mfaDevices })
    if (isVirtual(SerialNumber)) account.idleMfaDevices.add(SerialNumber)
    return {}
  },
  writes: true,
})

const assignedDevices = (account: Account): VirtualMFADevice[] =>
  [...account.users.values()].flatMap(({ name, id, path, createdAt, mfaDevices = [] }) =>
    mfaDevices
      .filter(({ serial }) => isVirtual(serial))
      .map(({ serial, enabledAt }) => ({
        SerialNumber: serial,
        User: { UserName: name, UserId: id, Path: path, Arn: userArn(account, name), CreateDate: wholeSecondDate(createdAt) },
        EnableDate: wholeSecondDate(enabledAt),
      })),
  )

const listVirtualMfaDevices = operation<ListVirtualMFADevicesRequest, ListVirtualMFADevicesResponse>({
  run: (account, input) => {
    const { AssignmentStatus = 'Any' } = input
    const idle = [...account.idleMfaDevices].map((SerialNumber) => ({ SerialNumber }))
    const devices = [
      ...(AssignmentStatus === 'Unassigned' ? [] : assignedDevices(account)),
      ...(AssignmentStatus === 'Assigned' ? [] : idle),
    ]
    const { items, end } = iamPage(account, devices, ({ SerialNumber = '' }) => SerialNumber, input)
    return { VirtualMFADevices: items, ...end }
  },
  writes: false,
})

export const signInOperations = {
  CreateLoginProfile: createLoginProfile,
  DeleteLoginProfile: deleteLoginProfile,
  UpdateLoginProfile: updateLoginProfile,
  CreateVirtualMFADevice: createVirtualMfaDevice,
  DeleteVirtualMFADevice: deleteVirtualMfaDevice,
  EnableMFADevice: enableMfaDevice,
  DeactivateMFADevice: deactivateMfaDevice,
  ListVirtualMFADevices: listVirtualMfaDevices,
}
