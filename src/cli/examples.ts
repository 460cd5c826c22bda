/** What each command is typed like, with what it is for; under '' what to begin with. */
const EXAMPLES: Readonly<Record<string, readonly (readonly [typed: string, meaning?: string])[]>> = {
  '': [
    ['ir-cred drill', 'train on a laptop, no AWS account needed'],
    ['ir-cred respond', 'pick a finding and respond to it'],
    ['ir-cred respond --dry-run', 'see what would be done'],
    ['ir-cred doctor --profile security', 'check identity, Region, permissions beforehand'],
  ],
  respond: [
    ['ir-cred respond 5ac1b2c3d4e5f60718293a4b5c6d7e8f'],
    ['ir-cred respond finding.json --profile acme-prod'],
    ['aws guardduty get-findings … | ir-cred respond -'],
    ['ir-cred respond --access-key-id ASIA… --dry-run'],
    ['ir-cred respond --incident web-app-1125-7f3a', 'continue after an interruption'],
    ['ir-cred respond --detective-profile security', 'where a security account administers Detective'],
  ],
  drill: [
    ['ir-cred drill', 'the standard scenario'],
    ['ir-cred drill --list', 'which others there are'],
    ['ir-cred drill looks-rotated', 'a check that would be believed too easily'],
    ['ir-cred drill --yes --json', 'for a script'],
  ],
  simulate: [
    ['ir-cred simulate', 'tells what to type in another terminal'],
    ['ir-cred simulate looks-rotated --port 4599'],
    ['ir-cred simulate --json', 'one line with endpoint and credentials, for a script'],
    ['ir-cred simulate --finding finding.json', 'rehearse a finding of your own'],
  ],
  investigate: [
    ['ir-cred investigate --access-key-id ASIA… --region us-east-1', 'from the event history of the last 90 days'],
    ['ir-cred investigate --role web-app --logs ./AWSLogs', 'from CloudTrail log files'],
    ['ir-cred investigate --role web-app --logs s3://trail-bucket', 'from log files in a bucket'],
    ['ir-cred investigate --finding finding.json --scope during', 'what the finding saw, and no more'],
    ['ir-cred investigate --incident web-app-1125-7f3a', 'the key of an incident; its journal tells the rest'],
    ['ir-cred investigate --access-key-id ASIA… --logs ./AWSLogs --json', 'one line for a script'],
  ],
  findings: [
    ['ir-cred findings --region us-east-1 --region eu-west-1'],
    ['ir-cred findings --access-key-id ASIA… --archived'],
    ['ir-cred findings --type Custom --min-severity 4 --age 2d'],
  ],
  incidents: [['ir-cred incidents'], ['ir-cred incidents --json', 'one JSON object an incident']],
  report: [['ir-cred report web-app-1125-7f3a > report.md'], ['ir-cred report web-app-1125-7f3a --format json']],
  audit: [
    ['ir-cred audit web-app-1125-7f3a', 'which record or file was changed first; exit 5 when one was'],
    ['ir-cred audit web-app-1125-7f3a --json', 'for a script: the problems, and what to look for in CloudTrail'],
  ],
  policy: [
    ['ir-cred policy > responder-policy.json', 'everything a response needs'],
    ['ir-cred policy observe', 'only what looking needs'],
  ],
  doctor: [
    ['ir-cred doctor --profile security'],
    ['ir-cred doctor --all-regions --json', 'for a script; exit 4 when something would stop a response'],
  ],
}

/** The examples of a command, as its help shows them. */
export const examplesOf = (command: string): string => {
  const examples = EXAMPLES[command] ?? []
  const width = Math.max(...examples.map(([typed]) => typed.length))
  const lines = examples.map(([typed, meaning]) => `  ${meaning === undefined ? typed : `${typed.padEnd(width)}   ${meaning}`}`)
  return ['', 'Examples:', ...lines].join('\n')
}
