import type {
  CreateAccessKeyResponse,
  DeactivateMFADeviceRequest,
  DeleteAccessKeyRequest,
  GenerateCredentialReportResponse,
  GetAccountSummaryResponse,
  GetCredentialReportResponse,
  GetLoginProfileResponse,
  ListAccessKeysResponse,
  ListMFADevicesResponse,
} from '@aws-sdk/client-iam'
import { DAY_MS, HOUR_MS, SECOND_MS } from '../../../incident/values/duration.ts'
import type { Account } from '../../account/account.ts'
import { userArn } from '../../account/arns.ts'
import { principalArn } from '../../account/credentials.ts'
import type { AccessKey, MfaDevice } from '../../account/identities.ts'
import { timeIn } from '../../agenda.ts'
import { ServiceError } from '../../call.ts'
import { floorToSecond } from '../../clock.ts'
import { issueRootKey } from '../../issue-credentials.ts'
import { type AuthenticatedCall, type Operation, operation, type Service } from '../../service.ts'
import { noSuchEntity, wholeSecondDate } from './found.ts'

/** What the root user gets where it names no user: IAM takes the caller, and that is itself. */
const ofRoot: Readonly<Record<string, (account: Account, input: never) => object>> = {
  ListAccessKeys: ({ rootUser }): ListAccessKeysResponse => ({
    AccessKeyMetadata: [...rootUser.accessKeys.values()].map(({ id, status, createdAt }) => ({
      ...{ AccessKeyId: id, Status: status, CreateDate: wholeSecondDate(createdAt) },
    })),
    IsTruncated: false,
  }),
  CreateAccessKey: (account): CreateAccessKeyResponse => {
    const { accessKeyId, secretAccessKey, issuedAt } = issueRootKey(account)
    return {
      AccessKey: {
        ...{ UserName: undefined, AccessKeyId: accessKeyId, Status: 'Active', SecretAccessKey: secretAccessKey },
        CreateDate: wholeSecondDate(issuedAt),
      },
    }
  },
  DeleteAccessKey: ({ rootUser }, { AccessKeyId = '' }: DeleteAccessKeyRequest) => {
    if (!rootUser.accessKeys.delete(AccessKeyId)) throw noSuchEntity(`The Access Key with id ${AccessKeyId} cannot be found.`)
    return {}
  },
  GetLoginProfile: ({ rootUser }): GetLoginProfileResponse => {
    if (!rootUser.hasPassword) throw noSuchEntity('Login Profile for User null cannot be found.')
    return { LoginProfile: { UserName: undefined, CreateDate: new Date(0) } }
  },
  DeleteLoginProfile: ({ rootUser }) => {
    if (!rootUser.hasPassword) throw noSuchEntity('Login Profile for User null cannot be found.')
    rootUser.hasPassword = false
    return {}
  },
  ListMFADevices: ({ rootUser }): ListMFADevicesResponse => ({
    MFADevices: rootUser.mfaDevices.map(({ serial, enabledAt }) => ({
      ...{ UserName: undefined, SerialNumber: serial, EnableDate: wholeSecondDate(enabledAt) },
    })),
    IsTruncated: false,
  }),
  DeactivateMFADevice: ({ rootUser, idleMfaDevices }, { SerialNumber = '' }: DeactivateMFADeviceRequest) => {
    if (!rootUser.mfaDevices.some(({ serial }) => serial === SerialNumber)) throw noSuchEntity('MFA Device invalid for user.')
    rootUser.mfaDevices = rootUser.mfaDevices.filter(({ serial }) => serial !== SerialNumber)
    if (SerialNumber.startsWith('arn:')) idleMfaDevices.add(SerialNumber)
    return {}
  },
}

const isAboutItself = ({ UserName }: { readonly UserName?: string }, { credential: { principal } }: AuthenticatedCall) =>
  UserName === undefined && principal.type === 'root'

/** The operations on users, which also answer the root user about itself. */
export const aboutRootUser = (service: Service): Service =>
  Object.fromEntries(
    Object.entries(service).map(([name, own]: [string, Operation]) => {
      const ofItself = Object.hasOwn(ofRoot, name) ? ofRoot[name] : undefined
      if (!ofItself) return [name, own]
      const run: Operation['run'] = (account, input, caller) =>
        isAboutItself(input, caller) ? ofItself(account, input) : own.run(account, input, caller)
      return [name, { ...own, run }]
    }),
  )

const getAccountSummary = operation<object, GetAccountSummaryResponse>({
  run: ({ users, roles, groups, rootUser }) => ({
    SummaryMap: {
      ...{ Users: users.size, Roles: roles.size, Groups: groups.size, MFADevices: rootUser.mfaDevices.length },
      AccountAccessKeysPresent: Number(rootUser.accessKeys.size > 0),
      AccountMFAEnabled: Number(rootUser.mfaDevices.length > 0),
      AccountPasswordPresent: Number(rootUser.hasPassword),
      AccountSigningCertificatesPresent: 0,
    },
  }),
  writes: false,
})

/** "Getting credential reports": IAM makes a new report at most every four hours. */
const REPORT_STANDS = 4 * HOUR_MS
const REPORTS = new WeakMap<Account, { readonly at: number; readonly text: string }>()

const generateCredentialReport = operation<object, GenerateCredentialReportResponse>({
  run: (account) => {
    const now = timeIn(account)
    const last = REPORTS.get(account)
    if (last && now - last.at < REPORT_STANDS) return { State: 'COMPLETE' }
    REPORTS.set(account, { at: now, text: reportOf(account) })
    return { State: 'STARTED', Description: 'No report exists. Starting a new report generation task' }
  },
  writes: false,
})

/** Seconds that IAM takes for a report. */
const REPORT_TAKES = 3

const getCredentialReport = operation<object, GetCredentialReportResponse>({
  run: (account) => {
    const report = REPORTS.get(account)
    if (!report) throw new ServiceError('ReportNotPresent', 'No report exists.', 410)
    if (timeIn(account) < report.at + REPORT_TAKES * SECOND_MS)
      throw new ServiceError('ReportInProgress', 'Report is being generated.', 404)
    return { Content: Buffer.from(report.text), ReportFormat: 'text/csv', GeneratedTime: wholeSecondDate(report.at) }
  },
  writes: false,
})

const COLUMNS = [
  ...['user', 'arn', 'user_creation_time', 'password_enabled', 'password_last_used', 'password_last_changed'],
  ...['password_next_rotation', 'mfa_active', 'access_key_1_active', 'access_key_1_last_rotated'],
  ...['access_key_1_last_used_date', 'access_key_1_last_used_region', 'access_key_1_last_used_service'],
  ...['access_key_2_active', 'access_key_2_last_rotated', 'access_key_2_last_used_date', 'access_key_2_last_used_region'],
  ...['access_key_2_last_used_service', 'cert_1_active', 'cert_1_last_rotated', 'cert_2_active', 'cert_2_last_rotated'],
]

const isoSecond = (ms: number): string => new Date(floorToSecond(ms)).toISOString().replace('.000Z', '+00:00')

const keyCells = (account: Account, key: AccessKey | undefined): readonly string[] => {
  if (!key) return ['false', 'N/A', 'N/A', 'N/A', 'N/A']
  const used = account.trail.all().findLast(({ accessKeyId }) => accessKeyId === key.id)
  return [
    ...[String(key.status === 'Active'), isoSecond(key.createdAt), used ? isoSecond(used.at) : 'N/A'],
    ...(used ? [used.region, used.eventSource.replace('.amazonaws.com', '')] : ['N/A', 'N/A']),
  ]
}

interface Reported {
  readonly mfaDevices?: readonly MfaDevice[]
  readonly accessKeys: ReadonlyMap<string, AccessKey>
}

const signInCells = (account: Account, { accessKeys, mfaDevices = [] }: Reported): readonly string[] => {
  const [first, second] = [...accessKeys.values()]
  return [
    ...[String(mfaDevices.length > 0), ...keyCells(account, first), ...keyCells(account, second)],
    ...['false', 'N/A', 'false', 'N/A'],
  ]
}

/** Of the root user neither whether it has a password nor when that was changed stands in a report, where it has one. */
const rootCells = (account: Account): readonly string[] => {
  const { rootUser } = account
  const signIn = account.trail
    .all()
    .findLast(
      ({ eventName, document }) =>
        eventName === 'ConsoleLogin' && JSON.stringify(document()).includes('"userIdentity":{"type":"Root"'),
    )
  return [
    ...['<root_account>', principalArn(account, { type: 'root' }), isoSecond(account.clock.now() - 900 * DAY_MS)],
    ...[rootUser.hasPassword ? 'not_supported' : 'FALSE', signIn ? isoSecond(signIn.at) : 'no_information'],
    ...['not_supported', 'not_supported', ...signInCells(account, rootUser)],
  ]
}

const reportOf = (account: Account): string =>
  [
    COLUMNS,
    rootCells(account),
    ...[...account.users.values()].map((user) => [
      ...[user.name, userArn(account, user.name), isoSecond(user.createdAt), String(user.passwordSince !== undefined)],
      ...['no_information', user.passwordSince === undefined ? 'N/A' : isoSecond(user.passwordSince), 'N/A'],
      ...signInCells(account, user),
    ]),
  ]
    .map((cells) => cells.join(','))
    .join('\n')

/** What IAM says of the account as a whole. */
export const rootUserReports: Service = {
  GetAccountSummary: getAccountSummary,
  GenerateCredentialReport: generateCredentialReport,
  GetCredentialReport: getCredentialReport,
}
