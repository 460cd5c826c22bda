/** Trust policies of the roles that subjects have. */

const trustDocument = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })) })

/** Services that take sessions of the role for what they run. */
export const serviceTrust = (...services: readonly string[]): string =>
  trustDocument({ Principal: { Service: services.length === 1 ? services[0] : services }, Action: 'sts:AssumeRole' })

/** EKS Pod Identity tags each session with cluster, namespace and pod. */
export const podIdentityTrust = trustDocument({
  Principal: { Service: 'pods.eks.amazonaws.com' },
  Action: ['sts:AssumeRole', 'sts:TagSession'],
})

/** One service account of a cluster, by the cluster's provider: `subject` is `system:serviceaccount:<namespace>:<name>`. */
export const webIdentityTrust = (providerArn: string, provider: string, subject: string): string =>
  trustDocument({
    Principal: { Federated: providerArn },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: { [`${provider}:sub`]: subject, [`${provider}:aud`]: 'sts.amazonaws.com' } },
  })

/** Everybody in another account whose own policies let him. */
export const otherAccountTrust = (accountId: string): string =>
  trustDocument({ Principal: { AWS: `arn:aws:iam::${accountId}:root` }, Action: 'sts:AssumeRole' })

/** The provider that IAM Identity Center made in the account. */
export const identityCenterTrust = (providerArn: string): string =>
  trustDocument({
    Principal: { Federated: providerArn },
    Action: ['sts:AssumeRoleWithSAML', 'sts:TagSession'],
    Condition: { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } },
  })

/** People that a provider of the company's vouches for. */
export const samlTrust = (providerArn: string): string =>
  trustDocument({
    Principal: { Federated: providerArn },
    Action: 'sts:AssumeRoleWithSAML',
    Condition: { StringEquals: { 'SAML:aud': 'https://signin.aws.amazon.com/saml' } },
  })

/** Guests of an identity pool: those who did not sign in. */
export const identityPoolTrust = (poolId: string): string =>
  trustDocument({
    Principal: { Federated: 'cognito-identity.amazonaws.com' },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: {
      StringEquals: { 'cognito-identity.amazonaws.com:aud': poolId },
      'ForAnyValue:StringLike': { 'cognito-identity.amazonaws.com:amr': 'unauthenticated' },
    },
  })

/** Machines with a certificate that a trust anchor of the account's vouches for. */
export const rolesAnywhereTrust = trustDocument({
  Principal: { Service: 'rolesanywhere.amazonaws.com' },
  Action: ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'],
})
