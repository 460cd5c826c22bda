/** What to call in the place of operations that whoever does the job by hand is likely to reach for. */
const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['ssm:StartSession', 'Run one command on the instance with aws ssm send-command --document-name AWS-RunShellScript.'],
  ['ssm:ResumeSession', 'Run one command on the instance with aws ssm send-command --document-name AWS-RunShellScript.'],
  ['lambda:UpdateFunctionCode', 'New environments come with aws lambda update-function-configuration, after any change.'],
  ['sts:AssumeRoleWithSAML', 'Sessions of people are there when the account is built; no assertion is taken.'],
])

/** Where to look in the place of services that the scenarios' actors call and that are not served. */
const RECORDED: ReadonlySet<string> = new Set(['secretsmanager'])

/** Why a service gets no answer, and where its calls can be seen here. */
export const unservedServiceSentence = (service: string): string => {
  const sentence = `The simulated account does not serve ${service.slice(0, 40)}: nothing was read or changed.`
  if (!RECORDED.has(service)) return sentence
  return `${sentence} What was called of it stands in CloudTrail, as far as it is a management event: aws cloudtrail lookup-events --lookup-attributes AttributeKey=EventSource,AttributeValue=${service}.amazonaws.com`
}

/** Why an operation gets no answer, and what does the same here: an unknown one is refused, and never answered with nothing. */
export const unservedSentence = (service: string, asked: string): string => {
  const instead = INSTEAD.get(`${service}:${asked}`)
  const sentence = `The simulated account does not serve ${asked} of ${service}: nothing was read or changed.`
  return instead === undefined ? sentence : `${sentence} ${instead}`
}
