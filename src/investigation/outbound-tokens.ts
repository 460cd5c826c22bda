/**
 * Calls that hand out a token, a password or a signed address that is used where CloudTrail does not show it, or not under the
 * session's name; by `service:EventName`, with what it is.
 */
const OUTBOUND_TOKENS: ReadonlyMap<string, string> = new Map([
  ['sts:GetWebIdentityToken', 'an identity token for services outside AWS'],
  ['sts:GetServiceBearerToken', 'a bearer token for an AWS service'],
  ['sts:GetDelegatedAccessToken', 'credentials for a delegated access'],
  ['signin:CreateOAuth2TokenWithIAM', 'an OAuth token of AWS Sign-In'],
  ['signin:CreateOAuth2Token', 'an OAuth token of AWS Sign-In'],
  ['sso-oauth:CreateTokenWithIAM', 'an OAuth token of IAM Identity Center'],
  ['sso-oauth:CreateToken', 'an OAuth token of IAM Identity Center'],
  ['sso:CreateTokenWithIAM', 'an OAuth token of IAM Identity Center'],
  ['sso:CreateToken', 'an OAuth token of IAM Identity Center'],
  ['ecr:GetAuthorizationToken', 'a registry token for container images'],
  ['ecr-public:GetAuthorizationToken', 'a registry token for public container images'],
  ['codeartifact:GetAuthorizationToken', 'a token for package repositories'],
  ['rolesanywhere:CreateSession', 'credentials for a certificate'],
  ['iot:AssumeRoleWithCertificate', 'credentials for a device certificate'],
  ['cognito-identity:GetCredentialsForIdentity', 'credentials of an identity pool'],
  ['cognito-identity:GetOpenIdToken', 'an identity token of an identity pool'],
  ['cognito-identity:GetOpenIdTokenForDeveloperIdentity', 'an identity token of an identity pool'],
  ['s3express:CreateSession', 'credentials for a directory bucket'],
  ['s3:GetDataAccess', 'credentials of an S3 access grant'],
  ['lakeformation:GetTemporaryGlueTableCredentials', 'credentials for the data of a table'],
  ['lakeformation:GetTemporaryGluePartitionCredentials', 'credentials for the data of a partition'],
  ['lakeformation:GetTemporaryDataLocationCredentials', 'credentials for a data location'],
  ['redshift:GetClusterCredentials', 'a database password'],
  ['redshift:GetClusterCredentialsWithIAM', 'a database password'],
  ['redshift-serverless:GetCredentials', 'a database password'],
  ['elasticmapreduce:GetClusterSessionCredentials', 'a password for a cluster'],
  ['elasticmapreduce:CreateStudioPresignedUrl', 'a presigned address of a studio'],
  ['elasticmapreduce:GetPersistentAppUIPresignedURL', 'a presigned address of an application'],
  ['sagemaker:CreatePresignedDomainUrl', 'a presigned address of a SageMaker domain'],
  ['sagemaker:CreatePresignedNotebookInstanceUrl', 'a presigned address of a notebook'],
  ['sagemaker:CreatePresignedMlflowTrackingServerUrl', 'a presigned address of a tracking server'],
  ['airflow:CreateCliToken', 'a token for an Airflow environment'],
  ['airflow:CreateWebLoginToken', 'a sign-in token for an Airflow environment'],
  ['quicksight:GenerateEmbedUrlForRegisteredUser', 'a signed address of a dashboard'],
  ['quicksight:GetDashboardEmbedUrl', 'a signed address of a dashboard'],
  ['quicksight:GetSessionEmbedUrl', 'a signed address of a session'],
  ['connect:GetFederationToken', 'a token for a contact centre'],
  ['gamelift:GetComputeAuthToken', 'a token for a game server'],
  ['gamelift:GetInstanceAccess', 'credentials for a game server'],
  ['lightsail:GetInstanceAccessDetails', 'a key or password for an instance'],
  ['lightsail:DownloadDefaultKeyPair', 'the private key of instances'],
])

/** What a call hands out; undefined for one that is not known to hand out anything. */
export const outboundTokenOf = ({ eventSource, eventName }: { readonly eventSource: string; readonly eventName: string }) =>
  OUTBOUND_TOKENS.get(`${eventSource.split('.', 1)[0]}:${eventName}`)

/** The names of these calls, whatever their service. */
export const OUTBOUND_TOKEN_NAMES: ReadonlySet<string> = new Set(
  [...OUTBOUND_TOKENS.keys()].map((call) => call.slice(call.indexOf(':') + 1)),
)

/** A regular expression for a query, which has little room: it finds all of these names, and some others. */
export const OUTBOUND_TOKEN_PATTERN = '.*(Tok|Cred|Url|URL|teS|[ae]Acc|tKeyP).*|A.*WithC.*'

/** Names that speak of credentials: no list of calls is complete, so the others are named too. */
const CREDENTIAL_NAME =
  /^(?:Get|Create|Generate|Request|Issue|Exchange|Send|Start|Assume|Vend|Download|Retrieve|Batch)\w*(?:Tokens?|Credentials?|Presigned\w*|SignedUrl\w*|EmbedUrl\w*|Passwords?|ApiKeys?|PublicKey|KeyPair|Federat\w*|LoginUrl|AuthUrl)(?:\w*)$/

/** Whether the name of a call speaks of credentials, tokens or signed addresses. */
export const soundsLikeCredentials = (eventName: string): boolean => CREDENTIAL_NAME.test(eventName)
