export {
  AssumeRole$,
  AssumeRoleWithWebIdentity$,
  GetAccessKeyInfo$,
  GetCallerIdentity$,
  GetFederationToken$,
  GetSessionToken$,
} from '@aws-sdk/client-sts'
