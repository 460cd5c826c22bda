import { DAY_MS } from '../../incident/values/duration.ts'
import type { Account } from '../account/account.ts'
import { iamArn } from '../account/arns.ts'
import type { StoredBucket, StoredObject } from '../account/holdings.ts'

/** Where the threat list lies. */
export const SECURITY_BUCKET = 'acme-security'
/** Where the web application keeps its uploads, and what the attacker copies. */
const UPLOADS_BUCKET = 'acme-web-uploads'

const INVOICE = 'number,customer,amount\n10077,Example Ltd,1250.00\n10078,Sample GmbH,310.50\n'

/** What the actors of the scenarios read. */
const UPLOADS: Readonly<Record<string, string>> = {
  'customers.csv': 'id,name,email\n1,Alice Example,alice@customer.example\n2,Bob Example,bob@customer.example\n',
  'index.json': '{"invoices":3,"customers":2}\n',
  'invoices/2026-09.csv': INVOICE,
  'invoices/2026-10.csv': INVOICE,
  'invoices/2026-11.csv': INVOICE,
}

const objectsOf = (bodies: Readonly<Record<string, string>>, modifiedAt: number): Map<string, StoredObject> =>
  new Map(Object.entries(bodies).map(([key, body]) => [key, { body, modifiedAt }]))

const addBucket = (account: Account, bucket: Omit<StoredBucket, 'blocksPublicAccess'>): void => {
  account.buckets.set(bucket.name, { blocksPublicAccess: true, ...bucket })
}

const LOG_FILES =
  'The simulated account keeps no log files: the events of the trail stand in the event history (aws cloudtrail lookup-events) and in CloudWatch Logs (aws logs filter-log-events).'

/** The account's buckets, and the customer managed key of its volumes with the grant that Auto Scaling has. */
export const addStores = (account: Account, now: number): void => {
  const [createdAt, modifiedAt] = [now - 420 * DAY_MS, now - 3 * DAY_MS]
  addBucket(account, { name: UPLOADS_BUCKET, createdAt, objects: objectsOf(UPLOADS, modifiedAt) })
  const list = '198.51.100.23\n198.51.100.77\n192.0.2.80\n'
  addBucket(account, { name: SECURITY_BUCKET, createdAt, objects: objectsOf({ 'acme-bad-ips.txt': list }, modifiedAt) })
  for (const { bucketName: name } of account.trails) {
    addBucket(account, { name, createdAt, objects: new Map(), unserved: LOG_FILES })
  }
  const grant = {
    ...{ id: '7f1e0d9c8b7a695847362514039281706f5e4d3c2b1a09f8e7d6c5b4a3928170', name: 'auto-scaling' },
    grantee: iamArn(account, 'role', 'aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling'),
    ...{ operations: ['Decrypt', 'GenerateDataKeyWithoutPlaintext', 'CreateGrant'], createdAt },
  }
  const id = '3c5e7a91-2b4d-4f68-8a0c-1e2d3f405162'
  account.kmsKeys.set(id, { id, description: 'volumes of the web application', createdAt, grants: new Map([[grant.id, grant]]) })
}
