export { DescribeIdentityPool$, UpdateIdentityPool$ } from '@aws-sdk/client-cognito-identity'
