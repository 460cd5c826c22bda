import type { SendCommandRequest } from '@aws-sdk/client-ssm'
import type { Account } from '../../account/account.ts'
import type { SsmCommand } from '../../account/ssm-command.ts'
import type { SsmDocumentStep } from '../../account/ssm-document.ts'
import { refused } from './refused.ts'

/** A document that the simulated agents can run. */
export interface RunDocument {
  readonly name: string
  readonly steps: readonly SsmDocumentStep[]
  /** AWS's own: what runs stands in the parameter `commands`, and not in the document. */
  readonly takesCommands: boolean
  /** SHA-256 of the content; of AWS's own it is not simulated. */
  readonly hash?: string
}

const awsDocument = (name: string, step: string, platform: 'Linux' | 'Windows'): RunDocument => ({
  name,
  steps: [{ name: step, platform, commands: [] }],
  takesCommands: true,
})

const AWS_DOCUMENTS: readonly RunDocument[] = [
  awsDocument('AWS-RunShellScript', 'aws:runShellScript', 'Linux'),
  awsDocument('AWS-RunPowerShellScript', 'aws:runPowerShellScript', 'Windows'),
]

const isAwsDocument = (name: string): boolean => name.startsWith('AWS-')

/** By name or ARN; AWS's own documents have no account in their ARN. Throws InvalidDocument. */
export const documentNamed = ({ id, documents }: Account, nameOrArn = ''): RunDocument => {
  const [, owner, name = nameOrArn] = /^arn:[\w-]+:ssm:[\w-]*:(\d*):document\/(.*)$/.exec(nameOrArn) ?? []
  const own = documents.get(name)
  const isMeant = owner === undefined || owner === (isAwsDocument(name) ? '' : id)
  const document = AWS_DOCUMENTS.find((entry) => entry.name === name) ?? (own && { ...own, takesCommands: false })
  if (!document || !isMeant) throw refused('InvalidDocument', `Document with name ${name} does not exist.`)
  return document
}

/** The ARN that policies name the document by. */
export const documentArn = ({ partition, region, id }: Account, nameOrArn = ''): string => {
  if (nameOrArn.startsWith('arn:')) return nameOrArn
  return `arn:${partition}:ssm:${region}:${isAwsDocument(nameOrArn) ? '' : id}:document/${nameOrArn}`
}

const ONLY_VERSION = ['$DEFAULT', '$LATEST', '1']

/** Refuses a version that the document does not have, and a hash that is not its own. Throws InvalidDocumentVersion or InvalidDocument. */
export const refuseOtherVersion = (
  { name, hash }: RunDocument,
  { DocumentVersion = '$DEFAULT', DocumentHash }: Pick<SendCommandRequest, 'DocumentVersion' | 'DocumentHash'>,
): void => {
  if (!ONLY_VERSION.includes(DocumentVersion))
    throw refused('InvalidDocumentVersion', `The document version ${DocumentVersion} of ${name} does not exist.`)
  if (DocumentHash !== undefined && DocumentHash !== hash)
    throw refused('InvalidDocument', `The hash of document ${name} does not match.`)
}

/**
 * What of the document runs on a platform, as a command holds it. Real agents run PowerShell on Linux where it is installed; on the
 * simulated ones it is not. Throws UnsupportedPlatformType where nothing runs there.
 */
export const stepOn = (
  { name, steps, takesCommands }: RunDocument,
  platform: 'Linux' | 'Windows',
  given: readonly string[],
): Pick<SsmCommand, 'documentName' | 'commands' | 'step' | 'skippedSteps'> => {
  const step = steps.find((one) => (one.platform ?? platform) === platform)
  if (!step) throw refused('UnsupportedPlatformType', `The document ${name} does not support the platform ${platform}.`)
  const skippedSteps = steps.flatMap((one) => (one === step ? [] : [one.name]))
  return { documentName: name, commands: takesCommands ? given : step.commands, step: step.name, skippedSteps }
}
