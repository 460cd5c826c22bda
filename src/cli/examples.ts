/** Examples of each command with their purpose; those under '' are for a first look. */
const EXAMPLES: Readonly<Record<string, readonly (readonly [typed: string, meaning?: string])[]>> = {
  '': [
    ['ir-cred drill', 'practise without an AWS account'],
    ['ir-cred respond', 'pick a finding and respond to it'],
    ['ir-cred respond --dry-run', 'show what a response would change'],
    ['ir-cred doctor --profile security', 'check identity, Region and permissions first'],
  ],
  respond: [
    ['ir-cred respond 5ac1b2c3d4e5f60718293a4b5c6d7e8f'],
    ['ir-cred respond finding.json --profile acme-prod'],
    ['aws guardduty get-findings … | ir-cred respond -'],
    ['ir-cred respond --access-key-id ASIA… --dry-run'],
    ["ir-cred respond --instance-id i-08faaaafb15777f5a --reason 'EDR alert 4711'", 'without a finding'],
    ['ir-cred respond --incident web-app-1125-7f3a', 'continue after an interruption'],
    ['ir-cred respond --detective-profile security', 'when a security account administers Detective'],
    ['ir-cred respond finding.json --revoke session', 'when the role’s other sessions must go on'],
    ['ir-cred respond --athena logs.cloudtrail', 'look the address up in a table of CloudTrail logs'],
  ],
  drill: [
    ['ir-cred drill', 'choose a scenario and play it; without a terminal, the standard one'],
    ['ir-cred drill --list', 'list all scenarios'],
    ['ir-cred drill looks-rotated', 'a rotation that only looks complete'],
    ['ir-cred drill --yes --json', 'for a script'],
  ],
  simulate: [
    ['ir-cred simulate', 'prints what to type in another terminal'],
    ['ir-cred simulate looks-rotated --port 4599'],
    ['ir-cred simulate --json', 'one line with endpoint and credentials, for a script'],
    ['ir-cred simulate --finding finding.json', 'rehearse a finding of your own'],
  ],
  investigate: [
    ['ir-cred investigate --access-key-id ASIA… --region us-east-1', 'from the event history of the last 90 days'],
    ['ir-cred investigate --role web-app --logs ./AWSLogs', 'from CloudTrail log files'],
    ['ir-cred investigate --role web-app --logs s3://trail-bucket', 'from log files in a bucket'],
    ['ir-cred investigate --finding finding.json --scope during', 'only the time that the finding covers'],
    ['ir-cred investigate --incident web-app-1125-7f3a', 'the access key of an incident, from its journal'],
    ['ir-cred investigate --access-key-id ASIA… --logs ./AWSLogs --json', 'one line for a script'],
    ['ir-cred investigate --access-key-id ASIA… --logs ./AWSLogs --timeline calls.csv', 'every call in order, for a spreadsheet'],
    [
      'ir-cred investigate --access-key-id ASIA… --logs ./AWSLogs --timeline calls.jsonl --timeline-format timesketch',
      'every call in order, for Timesketch',
    ],
  ],
  findings: [
    ['ir-cred findings --region us-east-1 --region eu-west-1'],
    ['ir-cred findings --access-key-id ASIA… --archived'],
    ['ir-cred findings --type Custom --min-severity 4 --age 2d'],
  ],
  incidents: [['ir-cred incidents'], ['ir-cred incidents --json', 'one JSON object an incident']],
  report: [['ir-cred report web-app-1125-7f3a > report.md'], ['ir-cred report web-app-1125-7f3a --format json']],
  audit: [
    ['ir-cred audit web-app-1125-7f3a', 'name the first record or file that was changed; exit 5 if there is one'],
    ['ir-cred audit web-app-1125-7f3a --head 0491d6af72e2fe73', 'check that the journal still has the head that a report shows'],
    ['ir-cred audit web-app-1125-7f3a --cloudtrail', 'compare with what AWS recorded of each change'],
    ['ir-cred audit web-app-1125-7f3a --json', 'problems and CloudTrail references, for a script'],
  ],
  lift: [
    ['ir-cred lift web-app-1125-7f3a', 'once no session is alive any more that the deny keeps out'],
    ['ir-cred lift web-app-1125-7f3a --dry-run', 'show what would be lifted, and what stays'],
    ["ir-cred lift web-app-1125-7f3a --reason 'false alarm, see ticket 4711'", 'earlier: the reason stands in the journal'],
  ],
  policy: [
    ['ir-cred policy > responder-policy.json', 'everything a response needs'],
    ['ir-cred policy observe', 'only read access'],
    ['ir-cred policy lift', 'what ir-cred lift needs, and no response'],
    ['ir-cred policy --document > document.json', 'a Run Command document that runs the script and nothing else'],
    ['ir-cred policy contain --account 111122223333 --region us-east-1 --role service/web-app --responder-role ir-responder'],
    ['aws ssm create-document --name IrCred-ReadInstanceCredentials --document-type Command --content file://document.json'],
    ['ir-cred policy verify --account 111122223333 --format terraform'],
  ],
  doctor: [
    ['ir-cred doctor --profile security'],
    ['ir-cred doctor --json', 'for a script; exit 4 when something would stop a response'],
  ],
}

/** The examples of a command, as its help shows them: each works as printed where ir-cred was started. */
export const examplesOf = (command: string, commandName: string): string => {
  const examples = (EXAMPLES[command] ?? []).map(
    ([typed, meaning]) => [typed.replace(/\bir-cred(?= |$)/, commandName), meaning] as const,
  )
  const width = Math.max(...examples.map(([typed, meaning]) => (meaning === undefined ? 0 : typed.length)))
  const lines = examples.map(([typed, meaning]) => `  ${meaning === undefined ? typed : `${typed.padEnd(width)}   ${meaning}`}`)
  return ['', 'Examples:', ...lines].join('\n')
}
