import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { pick, seededRandom } from '../../src/simulator/random.ts'

export const SET_ROLE = 'web-app'
export const STOLEN_KEY = 'ASIASTOLENKEY0000001'

const ACCOUNT = '111122223333'
const INSTANCE = 'i-0abc1234def567890'
const DAY = 86_400_000
const DAYS = 60
const BEGIN = Date.parse('2026-01-01T00:00:00Z')
const END = BEGIN + DAYS * DAY
const KEY_CALLS = 500
const ROLE_SHARE = 0.02
const PACKED_AT_ONCE = 8

type Random = () => number

interface Call {
  readonly service: string
  readonly name: string
  readonly request: (random: Random) => unknown
  readonly fails?: number
  readonly write?: boolean
}

/** Eight digits a draw: a set of a million events has a hundred million of them. */
const hex = (random: Random, length: number): string => {
  let digits = ''
  while (digits.length < length)
    digits += Math.floor(random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0')
  return digits.slice(0, length)
}

const bucket = (random: Random) => `acme-${pick(random, ['orders', 'images', 'exports', 'logs'])}-${Math.floor(random() * 40)}`
const instance = (random: Random) => ({ instancesSet: { items: [{ instanceId: `i-0${hex(random, 16)}` }] } })
const role = (random: Random) => `svc-role-${String(Math.floor(random() * 120)).padStart(3, '0')}`
const named = (name: string, values: readonly string[]) => ({
  items: [{ name, valueSet: { items: values.map((value) => ({ value })) } }],
})

const CALLS: readonly Call[] = [
  {
    service: 's3',
    name: 'GetBucketAcl',
    request: (random) => ({ bucketName: bucket(random), Host: 's3.us-east-1.amazonaws.com', acl: '' }),
  },
  { service: 's3', name: 'ListBuckets', request: () => ({ Host: 's3.us-east-1.amazonaws.com' }), fails: 0.05 },
  {
    service: 's3',
    name: 'PutBucketTagging',
    request: (random) => ({
      bucketName: bucket(random),
      tagging: '',
      Tagging: { TagSet: { Tag: [{ Key: 'team', Value: 'web' }] } },
    }),
    write: true,
  },
  { service: 'ec2', name: 'DescribeInstances', request: (random) => ({ ...instance(random), filterSet: {} }) },
  {
    service: 'ec2',
    name: 'DescribeRouteTables',
    request: (random) => ({
      routeTableIdSet: {},
      filterSet: named('vpc-id', [`vpc-0${hex(random, 16)}`, `vpc-0${hex(random, 16)}`]),
    }),
  },
  {
    service: 'ec2',
    name: 'DescribeImages',
    request: () => ({ imagesSet: {}, ownersSet: { items: [{ owner: 'amazon' }] }, filterSet: named('name', ['al2023-ami-*']) }),
  },
  { service: 'ec2', name: 'GetPasswordData', request: (random) => ({ instanceId: `i-0${hex(random, 16)}` }), fails: 0.6 },
  {
    service: 'ec2',
    name: 'CreateTags',
    request: (random) => ({
      resourcesSet: { items: [{ resourceId: `vol-0${hex(random, 16)}` }] },
      tagSet: { items: [{ key: 'Name', value: 'data' }] },
    }),
    write: true,
  },
  {
    service: 'ssm',
    name: 'GetParameter',
    request: (random) => ({ name: `/acme/web/setting-${Math.floor(random() * 300)}`, withDecryption: true }),
  },
  {
    service: 'ssm',
    name: 'DescribeParameters',
    request: (random) => ({
      parameterFilters: [{ key: 'Name', option: 'Equals', values: [`/acme/web/setting-${Math.floor(random() * 300)}`] }],
      shared: false,
    }),
  },
  {
    service: 'kms',
    name: 'Decrypt',
    request: (random) => ({
      encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
      encryptionContext: {
        PARAMETER_ARN: `arn:aws:ssm:us-east-1:${ACCOUNT}:parameter/acme/web/setting-${Math.floor(random() * 300)}`,
      },
    }),
  },
  {
    service: 'secretsmanager',
    name: 'GetSecretValue',
    request: (random) => ({ secretId: `acme/database-${Math.floor(random() * 60)}` }),
    fails: 0.1,
  },
  { service: 'iam', name: 'ListAttachedRolePolicies', request: (random) => ({ roleName: role(random) }), fails: 0.05 },
  { service: 'iam', name: 'GetUser', request: () => null, fails: 0.2 },
  { service: 'sts', name: 'GetCallerIdentity', request: () => null },
  {
    service: 'logs',
    name: 'CreateLogStream',
    request: (random) => ({
      logGroupName: `/aws/lambda/resize-${Math.floor(random() * 20)}`,
      logStreamName: `2026/02/01/[$LATEST]${hex(random, 32)}`,
    }),
    write: true,
  },
  { service: 'dynamodb', name: 'DescribeTable', request: (random) => ({ tableName: `orders-${Math.floor(random() * 30)}` }) },
]

const AGENTS = [
  ...Array.from(
    { length: 40 },
    (_, at) =>
      `aws-sdk-java/2.20.${at} Linux/5.10.197-186.748.amzn2.x86_64 OpenJDK_64-Bit_Server_VM/17.0.9+8-LTS Java/17.0.9 vendor/Amazon.com_Inc.`,
  ),
  ...Array.from(
    { length: 60 },
    (_, at) => `Boto3/1.26.${at} Python/3.9.16 Linux/5.10.178-162.673.amzn2.x86_64 exec-env/AWS_ECS_FARGATE Botocore/1.29.${at}`,
  ),
  ...Array.from(
    { length: 15 },
    (_, at) => `aws-cli/2.${at}.0 Python/3.11.6 Linux/6.1.61-85.141.amzn2023.x86_64 exe/x86_64.amzn.2023 prompt/off`,
  ),
]

const address = (random: Random): string =>
  [3 + Math.floor(random() * 200), ...Array.from({ length: 3 }, () => Math.floor(random() * 255))].join('.')

interface Caller {
  readonly userIdentity: unknown
  readonly sourceIPAddress: string
  readonly userAgent: string
}

const stamp = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`

const sessionOf = (roleName: string, sessionName: string, accessKeyId: string, creationDate: string) => {
  const principalId = `AROAEXAMPLE${roleName.replace(/\W/g, '').toUpperCase()}`
  const issuer = {
    type: 'Role',
    principalId,
    arn: `arn:aws:iam::${ACCOUNT}:role/${roleName}`,
    accountId: ACCOUNT,
    userName: roleName,
  }
  return {
    type: 'AssumedRole',
    principalId: `${principalId}:${sessionName}`,
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${roleName}/${sessionName}`,
    accountId: ACCOUNT,
    accessKeyId,
    sessionContext: { sessionIssuer: issuer, attributes: { creationDate, mfaAuthenticated: 'false' }, ec2RoleDelivery: '2.0' },
  }
}

const userCalled = (userName: string, at: number) => ({
  type: 'IAMUser',
  principalId: `AIDAEXAMPLE${userName.toUpperCase()}`,
  arn: `arn:aws:iam::${ACCOUNT}:user/${userName}`,
  accountId: ACCOUNT,
  accessKeyId: `AKIAEXAMPLE${String(at).padStart(9, '0')}`,
  userName,
})

/** Who makes the next call: mostly others, now and then the role, and on the last day the stolen key. */
const callers = (events: number, random: Random): ((at: number) => Caller) => {
  const addresses = Array.from({ length: 3_000 }, () => address(random))
  const ofKey = Math.min(0.5, KEY_CALLS / (events / DAYS))
  const session = (name: string, instanceId: string, key: string, at: number) => {
    const slot = Math.floor(at / (6 * 3_600_000))
    return sessionOf(
      name,
      instanceId,
      key === '' ? `ASIA${name.slice(-3).toUpperCase()}${String(slot).padStart(13, '0')}` : key,
      stamp(slot * 6 * 3_600_000),
    )
  }
  return (at) => {
    if (at > END - DAY && random() < ofKey) {
      const attacker = random() < 0.7
      return {
        userIdentity: session(SET_ROLE, INSTANCE, STOLEN_KEY, END - DAY),
        sourceIPAddress: attacker ? `198.51.100.${7 + Math.floor(random() * 3)}` : '10.0.1.11',
        userAgent: attacker ? 'aws-cli/1.18.69 Python/3.11.2 Linux/6.1.0-kali5-amd64 botocore/1.29.58' : pick(random, AGENTS),
      }
    }
    const draw = random()
    if (draw < ROLE_SHARE)
      return {
        userIdentity: session(SET_ROLE, INSTANCE, '', at),
        sourceIPAddress: pick(random, ['10.0.1.11', '10.0.1.12', '203.0.113.20']),
        userAgent: AGENTS[45 + Math.floor(random() * 3)] ?? '',
      }
    const name = role(random)
    const userIdentity =
      draw < 0.6
        ? session(name, `i-${name.slice(-3).padStart(17, '0')}`, '', at)
        : userCalled(`user${Math.floor(random() * 60)}`, Math.floor(random() * 60))
    return { userIdentity, sourceIPAddress: pick(random, addresses), userAgent: pick(random, AGENTS) }
  }
}

const uuid = (random: Random): string => [8, 4, 4, 4, 12].map((length) => hex(random, length)).join('-')

const recordOf = (at: number, { userIdentity, sourceIPAddress, userAgent }: Caller, random: Random): string => {
  const { service, name, request, fails = 0.01, write = false } = pick(random, CALLS)
  const host = `${service}.us-east-1.amazonaws.com`
  const failed =
    random() < fails ? { errorCode: 'AccessDenied', errorMessage: `User is not authorized to perform: ${service}:${name}` } : {}
  return JSON.stringify({
    eventVersion: '1.08',
    userIdentity,
    eventTime: stamp(at),
    eventSource: `${service}.amazonaws.com`,
    eventName: name,
    awsRegion: 'us-east-1',
    sourceIPAddress,
    userAgent,
    ...failed,
    requestParameters: request(random),
    responseElements: null,
    ...(service === 's3'
      ? {
          additionalEventData: {
            SignatureVersion: 'SigV4',
            CipherSuite: 'ECDHE-RSA-AES128-GCM-SHA256',
            AuthenticationMethod: 'AuthHeader',
            'x-amz-id-2': hex(random, 60),
            bytesTransferredOut: Math.floor(random() * 9_000),
          },
        }
      : {}),
    requestID: uuid(random),
    eventID: uuid(random),
    readOnly: !write,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: 'Management',
    tlsDetails: { tlsVersion: 'TLSv1.3', cipherSuite: 'TLS_AES_128_GCM_SHA256', clientProvidedHostHeader: host },
  })
}

const compress = promisify(gzip)

/**
 * Writes CloudTrail log files as a trail delivers them, and gives their folder: `events` calls of 60 days in `files` files. The role makes
 * 2 % of the calls, the stolen key about 500 on the last day, whatever the size. The same arguments give the same files. A set that is
 * there already is left as it is.
 */
export const cloudTrailSet = async (root: string, events: number, files: number): Promise<string> => {
  const folder = join(root, `${events}-in-${files}`)
  const complete = join(root, `${events}-in-${files}.complete`)
  if (existsSync(complete)) return folder
  mkdirSync(folder, { recursive: true })
  const random = seededRandom(events + files)
  const callerAt = callers(events, random)
  const perFile = Math.round(events / files)
  const packing: Promise<void>[] = []
  for (let file = 0; file < files; file += 1) {
    const from = BEGIN + (file * (END - BEGIN)) / files
    const step = (END - BEGIN) / files / perFile
    const records = Array.from({ length: perFile }, (_, index) => {
      const at = from + (index + random()) * step
      return recordOf(at, callerAt(at), random)
    })
    const minute = stamp(from).slice(0, 16).replace(/[-:]/g, '')
    const name = `${ACCOUNT}_CloudTrail_us-east-1_${minute}Z_${String(file).padStart(16, '0')}.json.gz`
    packing.push(compress(`{"Records":[${records.join(',')}]}`).then((bytes) => writeFileSync(join(folder, name), bytes)))
    if (packing.length === PACKED_AT_ONCE) await Promise.all(packing.splice(0))
  }
  await Promise.all(packing)
  writeFileSync(complete, '')
  return folder
}
