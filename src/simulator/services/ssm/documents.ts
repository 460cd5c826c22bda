import type { Account, Instance } from '../../account/account.ts'
import { refused } from './refused.ts'

/** A document that the simulated agents know. */
interface RunDocument {
  readonly name: string
  readonly platform: 'Linux' | 'Windows'
  readonly plugin: string
}

const DOCUMENTS: readonly RunDocument[] = [
  { name: 'AWS-RunShellScript', platform: 'Linux', plugin: 'aws:runShellScript' },
  { name: 'AWS-RunPowerShellScript', platform: 'Windows', plugin: 'aws:runPowerShellScript' },
]

/** By name or ARN; AWS's own documents have no account in their ARN. Throws InvalidDocument. */
export const documentNamed = (nameOrArn = ''): RunDocument => {
  const name = nameOrArn.replace(/^arn:[\w-]+:ssm:[\w-]*::document\//, '')
  const document = DOCUMENTS.find((entry) => entry.name === name)
  if (!document) throw refused('InvalidDocument', `Document with name ${name} does not exist.`)
  return document
}

/** The ARN that policies name the document by. */
export const documentArn = ({ partition, region, id }: Account, nameOrArn = ''): string => {
  if (nameOrArn.startsWith('arn:')) return nameOrArn
  return `arn:${partition}:ssm:${region}:${nameOrArn.startsWith('AWS-') ? '' : id}:document/${nameOrArn}`
}

/** Real agents run PowerShell on Linux where it is installed; on the simulated ones it is not. */
export const refusePlatform = ({ name, platform }: RunDocument, { agent }: Instance): void => {
  if (agent.platform === platform) return
  throw refused('UnsupportedPlatformType', `The document ${name} does not support the platform ${agent.platform}.`)
}
