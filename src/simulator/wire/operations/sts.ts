export {
  AssumeRole$,
  AssumeRoleWithWebIdentity$,
  AssumeRoot$,
  GetAccessKeyInfo$,
  GetCallerIdentity$,
  GetFederationToken$,
  GetSessionToken$,
} from '@aws-sdk/client-sts'
