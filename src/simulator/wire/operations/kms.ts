export { DescribeKey$, ListGrants$, ListKeys$, RevokeGrant$ } from '@aws-sdk/client-kms'
