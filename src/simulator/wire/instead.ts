/** What to call in the place of operations that whoever does the job by hand is likely to reach for. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['ssm:StartSession', 'Run one command on the instance with aws ssm send-command --document-name AWS-RunShellScript.'],
  ['ssm:ResumeSession', 'Run one command on the instance with aws ssm send-command --document-name AWS-RunShellScript.'],
  ['ec2:CreateSnapshot', 'Take snapshots of all volumes of an instance with aws ec2 create-snapshots.'],
  ['lambda:UpdateFunctionCode', 'New environments come with aws lambda update-function-configuration, after any change.'],
  ['sts:AssumeRoleWithSAML', 'Sessions of people are there when the account is built; no assertion is taken.'],
])

/** Why an operation gets no answer, and what does the same here: an unknown one is refused, and never answered with nothing. */
export const unservedSentence = (service: string, asked: string): string => {
  const instead = INSTEAD.get(`${service}:${asked}`)
  const sentence = `The simulated account does not serve ${asked} of ${service}: nothing was read or changed.`
  return instead === undefined ? sentence : `${sentence} ${instead}`
}
