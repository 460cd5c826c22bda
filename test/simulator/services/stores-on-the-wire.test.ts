import { CloudTrailClient, DescribeTrailsCommand } from '@aws-sdk/client-cloudtrail'
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  DescribeLogStreamsCommand,
  type DescribeLogStreamsCommandInput,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { DescribeInstancesCommand, EC2Client } from '@aws-sdk/client-ec2'
import { DescribeKeyCommand, KMSClient, ListGrantsCommand, ListKeysCommand, RevokeGrantCommand } from '@aws-sdk/client-kms'
import {
  DeleteBucketPolicyCommand,
  GetBucketLoggingCommand,
  GetBucketPolicyCommand,
  GetObjectCommand,
  GetPublicAccessBlockCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { afterAll, describe, expect, it } from 'vitest'
import { customThreatList } from '../../../src/simulator/scenarios/custom-threat-list.ts'
import { openAccount } from '../../../src/simulator/serve-account.ts'
import { createDispatcher } from '../../../src/simulator/wire/dispatch.ts'
import { type Served, serve } from '../../../src/simulator/wire/http-server.ts'
import { verifySignature } from '../../../src/simulator/wire/signature.ts'
import { passes, revoke } from '../../support/scenario.ts'
import { servedScenario } from '../../support/served-scenario.ts'

const Bucket = 'acme-web-uploads'
const Key = 'invoices/2026-11.csv'

const servers: Served[] = []
afterAll(() => Promise.all(servers.map((server) => server.close())))

/** The standard account over HTTP, as S3's clients need it: their answers are streams. */
const stored = async () => {
  const { built } = servedScenario(customThreatList)
  const open = openAccount(built)
  const { cast, account } = built
  const authenticate = verifySignature(open.secretOf)
  const server = await serve(createDispatcher({ answer: open.answer, now: account.clock.now, authenticate }), { port: 0 })
  servers.push(server)
  const clientOf = ({ accessKeyId, secretAccessKey, sessionToken = '' }: typeof cast.responder) =>
    new S3Client({
      ...{ region: 'us-east-1', endpoint: server.endpoint, maxAttempts: 1 },
      credentials: { accessKeyId, secretAccessKey, sessionToken },
    })
  return { built, account, responder: clientOf(cast.responder), attacker: clientOf(cast.attacker) }
}

const policyOf = (statement: object): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*`, ...statement }],
  })

describe('a bucket', () => {
  it('is listed with its objects, by page, by prefix and up to a delimiter', async () => {
    const { responder } = await stored()
    const { Buckets } = await responder.send(new ListBucketsCommand({}))
    expect(Buckets?.map(({ Name }) => Name)).toEqual([Bucket, 'acme-security', 'acme-cloudtrail-111122223333'])
    const top = await responder.send(new ListObjectsV2Command({ Bucket, Delimiter: '/' }))
    expect(top.Contents?.map((object) => object.Key)).toEqual(['customers.csv', 'index.json'])
    expect(top.CommonPrefixes).toEqual([{ Prefix: 'invoices/' }])
    const first = await responder.send(new ListObjectsV2Command({ Bucket, Prefix: 'invoices/', MaxKeys: 2 }))
    expect(first).toMatchObject({ IsTruncated: true, KeyCount: 2 })
    const { NextContinuationToken: ContinuationToken } = first
    const rest = await responder.send(new ListObjectsV2Command({ Bucket, Prefix: 'invoices/', MaxKeys: 2, ContinuationToken }))
    expect(rest.Contents?.map((object) => object.Key)).toEqual([Key])
    expect(rest.IsTruncated).toBe(false)
  })

  it('gives its objects to the stolen credentials until they are denied, and CloudTrail’s history has no record of that', async () => {
    const { built, attacker, account } = await stored()
    const { Body, ContentLength } = await attacker.send(new GetObjectCommand({ Bucket, Key }))
    const text = await Body?.transformToString()
    expect(text).toMatch(/^number,customer,amount\n/)
    expect(ContentLength).toBe(text?.length)
    expect((await attacker.send(new HeadObjectCommand({ Bucket, Key }))).ContentLength).toBe(text?.length)
    const record = account.trail.all().findLast(({ eventName }) => eventName === 'GetObject')
    expect(record?.management).toBe(false)
    expect(record?.document()).toMatchObject({ requestParameters: { bucketName: Bucket, key: Key }, managementEvent: false })
    revoke(built)
    passes(built, 60)
    await expect(attacker.send(new GetObjectCommand({ Bucket, Key }))).rejects.toMatchObject({ name: 'AccessDenied' })
  })

  it('decides by its policy at once: a deny refuses whoever the role allows', async () => {
    const { responder, attacker } = await stored()
    const Policy = policyOf({ Effect: 'Deny', Principal: { AWS: 'arn:aws:iam::111122223333:role/service/web-app' } })
    await expect(responder.send(new GetBucketPolicyCommand({ Bucket }))).rejects.toMatchObject({ name: 'NoSuchBucketPolicy' })
    await responder.send(new PutBucketPolicyCommand({ Bucket, Policy }))
    expect((await responder.send(new GetBucketPolicyCommand({ Bucket }))).Policy).toBe(Policy)
    await expect(attacker.send(new GetObjectCommand({ Bucket, Key }))).rejects.toMatchObject({
      message: expect.stringContaining('with an explicit deny in a resource-based policy'),
    })
    await responder.send(new DeleteBucketPolicyCommand({ Bucket }))
    await expect(attacker.send(new GetObjectCommand({ Bucket, Key }))).resolves.toHaveProperty('Body')
  })

  it('lets nobody make it public, and takes no policy about another bucket', async () => {
    const { responder } = await stored()
    expect((await responder.send(new GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration).toMatchObject({
      BlockPublicPolicy: true,
    })
    const open = policyOf({ Effect: 'Allow', Principal: '*' })
    await expect(responder.send(new PutBucketPolicyCommand({ Bucket, Policy: open }))).rejects.toMatchObject({
      name: 'AccessDenied',
    })
    const other = policyOf({ Effect: 'Deny', Principal: '*', Resource: 'arn:aws:s3:::acme-security/*' })
    await expect(responder.send(new PutBucketPolicyCommand({ Bucket, Policy: other }))).rejects.toMatchObject({
      name: 'MalformedPolicy',
    })
  })

  it('says what it does not have: a log file, an access log, a part of an object', async () => {
    const { responder, attacker } = await stored()
    await expect(responder.send(new ListObjectsV2Command({ Bucket: 'acme-cloudtrail-111122223333' }))).rejects.toMatchObject({
      message: expect.stringContaining('keeps no log files'),
    })
    expect(await responder.send(new GetBucketLoggingCommand({ Bucket }))).not.toHaveProperty('LoggingEnabled')
    await expect(attacker.send(new GetObjectCommand({ Bucket, Key, Range: 'bytes=0-3' }))).rejects.toMatchObject({
      message: expect.stringContaining('does not know the parameter Range'),
    })
    await expect(attacker.send(new GetObjectCommand({ Bucket, Key: 'a b/ü.txt' }))).rejects.toMatchObject({ name: 'NoSuchKey' })
  })
})

it('a grant of a key is listed until somebody revokes it', async () => {
  const { config } = servedScenario(customThreatList)
  const kms = new KMSClient(config)
  const { Keys = [] } = await kms.send(new ListKeysCommand({}))
  const [{ KeyId } = {}] = Keys
  expect((await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata).toMatchObject({ KeyManager: 'CUSTOMER', Enabled: true })
  const { Grants = [] } = await kms.send(new ListGrantsCommand({ KeyId }))
  expect(Grants).toMatchObject([
    { Name: 'auto-scaling', GranteePrincipal: expect.stringMatching(/AWSServiceRoleForAutoScaling$/) },
  ])
  await kms.send(new RevokeGrantCommand({ KeyId, GrantId: Grants[0]?.GrantId }))
  expect((await kms.send(new ListGrantsCommand({ KeyId }))).Grants).toEqual([])
  await expect(kms.send(new RevokeGrantCommand({ KeyId, GrantId: Grants[0]?.GrantId }))).rejects.toMatchObject({
    name: 'NotFoundException',
  })
})

describe('the log group of the trail', () => {
  it('is the one that the trail names, and has what the trail has delivered', async () => {
    const { config, built, account } = servedScenario(customThreatList)
    const logs = new CloudWatchLogsClient(config)
    const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({}))
    const { trailList = [] } = await new CloudTrailClient(config).send(new DescribeTrailsCommand({}))
    expect(trailList[0]?.CloudWatchLogsLogGroupArn).toBe(logGroups[0]?.arn)
    const logGroupName = logGroups[0]?.logGroupName
    const { logStreams } = await logs.send(new DescribeLogStreamsCommand({ logGroupName }))
    expect(logStreams).toMatchObject([{ logStreamName: '111122223333_CloudTrail_us-east-1' }])
    const { accessKeyId } = built.cast.attacker
    const filterPattern = `{ ($.userIdentity.accessKeyId = "${accessKeyId}") && ($.errorCode = "*AccessDenied") }`
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern }))
    const refused = account.trail.all().filter((record) => {
      const isIts = record.management && record.deliveredAt <= account.clock.now() && record.accessKeyId === accessKeyId
      return isIts && String(record.document().errorCode).endsWith('AccessDenied')
    })
    expect(refused.length).toBeGreaterThan(2)
    expect(events.map(({ eventId }) => eventId)).toEqual(refused.map(({ eventID }) => eventID))
    const byTerm = await logs.send(new FilterLogEventsCommand({ logGroupName, filterPattern: `"${accessKeyId}" CreateUser` }))
    expect(byTerm.events?.map(({ message }) => JSON.parse(message ?? '').eventName)).toEqual(['CreateUser'])
  })

  it('has a stream for each Region, by name or by the newest event', async () => {
    const { configOf, built, account } = servedScenario(customThreatList)
    const elsewhere = new EC2Client({ ...configOf(built.cast.responder), region: 'eu-west-1' })
    await elsewhere.send(new DescribeInstancesCommand({}))
    passes(built, 600)
    const logs = new CloudWatchLogsClient(configOf(built.cast.responder))
    const logGroupName = `aws-cloudtrail-logs-${account.id}`
    const namesOf = async (asked: Partial<DescribeLogStreamsCommandInput>) =>
      (await logs.send(new DescribeLogStreamsCommand({ logGroupName, ...asked }))).logStreams?.map((one) => one.logStreamName)
    const [eu, us] = ['111122223333_CloudTrail_eu-west-1', '111122223333_CloudTrail_us-east-1']
    expect(await namesOf({})).toEqual([eu, us])
    expect(await namesOf({ descending: true })).toEqual([us, eu])
    expect(await namesOf({ orderBy: 'LastEventTime', descending: true, limit: 1 })).toEqual([us])
  })

  it.each(['{ $.a > 3 }', '?ERROR', '%x%', '{ $.a = 1 || $.b = 2 }'])(
    'refuses a pattern that it does not know: %s',
    async (filterPattern) => {
      const { config } = servedScenario(customThreatList)
      const asked = new FilterLogEventsCommand({ logGroupName: 'aws-cloudtrail-logs-111122223333', filterPattern })
      await expect(new CloudWatchLogsClient(config).send(asked)).rejects.toMatchObject({
        message: expect.stringContaining('does not know the filter pattern'),
      })
    },
  )
})
