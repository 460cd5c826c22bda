export {
  AssumeRole$,
  GetAccessKeyInfo$,
  GetCallerIdentity$,
  GetSessionToken$,
} from '@aws-sdk/client-sts'
