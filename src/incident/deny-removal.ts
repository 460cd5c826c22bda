import type { AwsCommand } from './aws-command.ts'
import type { SubjectHolder } from './facts/subject.ts'
import { shellWord } from './values/shell-word.ts'

/** Puts the earlier document of an inline policy back, or deletes the policy where there was none. */
export const denyRemoval = (
  aws: AwsCommand,
  { of, name }: Pick<SubjectHolder, 'of' | 'name'>,
  policyName: string,
  priorFile: string | undefined,
): string => {
  const on = `--${of}-name ${shellWord(name)} --policy-name ${policyName}`
  return priorFile === undefined
    ? aws(`iam delete-${of}-policy ${on}`)
    : aws(`iam put-${of}-policy ${on} --policy-document ${shellWord(`file://${priorFile}`)}`)
}

/** Takes managed policies that deny older sessions off a role, and deletes them. */
export const managedDenyRemoval = (aws: AwsCommand, roleName: string, arns: readonly string[]): string =>
  arns
    .flatMap((arn) => [
      aws(`iam detach-role-policy --role-name ${shellWord(roleName)} --policy-arn ${arn}`),
      aws(`iam delete-policy --policy-arn ${arn}`),
    ])
    .join(' && ')
