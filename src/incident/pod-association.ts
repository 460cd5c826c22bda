import { shellWord } from './values/shell-word.ts'

/** What an association of EKS Pod Identity is made of. */
export interface AssociationValues {
  readonly clusterName?: string | undefined
  readonly namespace?: string | undefined
  readonly serviceAccount?: string | undefined
  readonly roleArn?: string | undefined
  readonly targetRoleArn?: string | undefined
  readonly disableSessionTags?: boolean | undefined
  readonly policy?: string | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
}

/** The words of the AWS CLI that create an association with the same values, without `aws`. */
export const createAssociationWords = (values: AssociationValues): string => {
  const option = (name: string, value: string | undefined): readonly string[] =>
    value === undefined || value === '' ? [] : [`--${name} ${shellWord(value)}`]
  const tags = Object.keys(values.tags ?? {}).length > 0 ? JSON.stringify(values.tags) : undefined
  return [
    'eks create-pod-identity-association',
    ...option('cluster-name', values.clusterName),
    ...option('namespace', values.namespace),
    ...option('service-account', values.serviceAccount),
    ...option('role-arn', values.roleArn),
    ...option('target-role-arn', values.targetRoleArn),
    ...(values.disableSessionTags === true ? ['--disable-session-tags'] : []),
    ...option('policy', values.policy),
    ...option('tags', tags),
  ].join(' ')
}
