import type { Setting } from './entry.ts'
import { shellWord } from './values/shell-word.ts'

/** Writes commands of the AWS CLI that can be pasted: `aws ec2 start-instances …` in the account of the incident. */
export type AwsCommand = (words: string, region?: string) => string

/** How the AWS CLI reaches the account: with the profile and the endpoint of the run, and the Region of what it names. */
export const awsCommandFor =
  ({ profile, endpoint }: Pick<Setting, 'profile' | 'endpoint'>): AwsCommand =>
  (words, region) =>
    [
      `aws ${words}`,
      ...(region === undefined ? [] : [`--region ${region}`]),
      ...(profile === undefined ? [] : [`--profile ${shellWord(profile)}`]),
      ...(endpoint === undefined ? [] : [`--endpoint-url ${shellWord(endpoint)}`]),
    ].join(' ')

/** Whether it is a command of the AWS CLI: a remedy can be a sentence, and a command line can open an editor. */
export const isAwsCommand = (text: string): boolean => text.startsWith('aws ')

/** The command line, joined by `&&`, with each of its AWS commands changed, without the file that its output goes into. */
export const eachAwsCommand = (line: string, change: (command: string) => string): string =>
  line
    .split(' && ')
    .map((part) => {
      const [file = ''] = / > \S+$/.exec(part) ?? []
      return isAwsCommand(part) ? change(part.slice(0, part.length - file.length)) + file : part
    })
    .join(' && ')

/** Stops an instance, waits until it is stopped, and starts it: it then gets new credentials. */
export const restartCommand = (aws: AwsCommand, instanceId: string, region: string | undefined): string =>
  [
    aws(`ec2 stop-instances --instance-ids ${instanceId}`, region),
    aws(`ec2 wait instance-stopped --instance-ids ${instanceId}`, region),
    aws(`ec2 start-instances --instance-ids ${instanceId}`, region),
  ].join(' && ')
