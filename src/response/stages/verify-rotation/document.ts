import { OWN_DOCUMENT } from '../../../aws/calls.ts'
import { describeOwnDocument, hasContent } from '../../../aws/own-document.ts'
import type { CallParameters } from '../../../incident/entry.ts'
import { type Block, text, warning } from '../../../incident/values/block.ts'
import { given } from '../../../incident/values/given.ts'
import type { Context } from '../../stage.ts'
import { readOr, type Unread } from '../optional-read.ts'
import { scriptFor } from './script.ts'

type Platform = 'linux' | 'windows'

/** Seconds that the script may take on the instance. */
const SCRIPT_SECONDS = '60'

const step = (platform: Platform, platformType: string, action: string) => ({
  action,
  name: platform,
  precondition: { StringEquals: ['platformType', platformType] },
  inputs: { timeoutSeconds: SCRIPT_SECONDS, runCommand: [...scriptFor(platform).commands] },
})

/**
 * The Run Command document with the fixed script, which you own instead of using AWS-RunShellScript: it takes no parameters, so whoever
 * may send it can run nothing else ("Command document data elements"; schema 2.2 runs on Linux and Windows with preconditions).
 */
export const ownDocument = () => ({
  schemaVersion: '2.2',
  description: 'ir-cred: reads key id and times of the instance role from IMDSv2. Never prints the secret or the token.',
  mainSteps: [step('linux', 'Linux', 'aws:runShellScript'), step('windows', 'Windows', 'aws:runPowerShellScript')],
})

/** The document that the script is sent with, and why it is not your own where it is AWS's. */
export type ChosenDocument =
  | { readonly of: 'you'; readonly version: string; readonly hash?: string }
  | { readonly of: 'aws'; readonly why: string; readonly suspicious?: true }

const PRINTS_IT = '`ir-cred policy --document` prints it'

/** Your own document where it is there and has exactly the script; otherwise AWS's. Throws what concerns the whole run. */
export const chooseDocument = async (region: string, context: Context): Promise<ChosenDocument> => {
  const unread: Unread = []
  const { ssm } = context.aws(region)
  const what = `whether your account has document ${OWN_DOCUMENT}`
  const found = await readOr(unread, { what, operation: 'ssm:DescribeDocument', otherwise: undefined }, () =>
    describeOwnDocument(ssm, OWN_DOCUMENT, context.setting.accountId),
  )
  if (!found) return { of: 'aws', why: unread[0] ?? `${what} is not known` }
  if (found.as === 'absent') return { of: 'aws', why: `your account has no document ${OWN_DOCUMENT} in ${region}; ${PRINTS_IT}` }
  if (found.as === 'other') return notUsed(found.why)
  const { version, hash } = found
  const read = { what: `what document ${OWN_DOCUMENT} runs`, operation: 'ssm:GetDocument', otherwise: undefined }
  const isOurs = await readOr(unread, read, () => hasContent(ssm, OWN_DOCUMENT, version, ownDocument()))
  if (isOurs === undefined) return { of: 'aws', why: unread[0] ?? `${read.what} is not known` }
  return isOurs
    ? { of: 'you', version, ...given({ hash }) }
    : notUsed(`version ${version} has other content than the one that ir-cred prints`)
}

const notUsed = (why: string): ChosenDocument => ({
  of: 'aws',
  why: `document ${OWN_DOCUMENT} is not used: ${why}; ${PRINTS_IT}`,
  suspicious: true,
})

/** The members of the command's input that say what runs. */
export const documentInput = (document: ChosenDocument, platform: Platform) => {
  if (document.of === 'you') {
    const { version, hash } = document
    return {
      ...{ DocumentName: OWN_DOCUMENT, DocumentVersion: version },
      ...(hash === undefined ? {} : { DocumentHash: hash, DocumentHashType: 'Sha256' as const }),
    }
  }
  const { document: DocumentName, commands } = scriptFor(platform)
  return { DocumentName, Parameters: { commands: [...commands], executionTimeout: [SCRIPT_SECONDS] } }
}

/** The document as it is named in a sentence. */
export const documentName = (document: ChosenDocument, platform: Platform): string =>
  document.of === 'you' ? `your document ${OWN_DOCUMENT}, version ${document.version}` : scriptFor(platform).document

/** What is said of the document with the question. An approval that was given for another document does not count. */
export const documentBlocks = (document: ChosenDocument, platform: Platform): readonly Block[] => {
  if (document.of === 'you') {
    const { version, hash = 'not given' } = document
    return [
      text(
        `The script stands in your document ${OWN_DOCUMENT}, version ${version} (SHA-256 ${hash}); nothing else can be sent with it.`,
      ),
    ]
  }
  const { why, suspicious } = document
  return [(suspicious ? warning : text)(`The script is sent with ${scriptFor(platform).document}: ${why}.`)]
}

/** Whether two inputs of SendCommand run the same: what was shown may be sent, and nothing else. */
export const runsTheSame = (shown: CallParameters, sent: CallParameters): boolean =>
  ['DocumentName', 'DocumentVersion', 'DocumentHash'].every((member) => shown[member] === sent[member])

/** The step whose answer is asked for: a document of several steps answers for none unless one is named (GetCommandInvocation, PluginName). */
export const stepAsked = (documentNameOrArn: string | undefined, platform: Platform): string | undefined =>
  documentNameOrArn?.replace(/^arn:.*:document\//, '') === OWN_DOCUMENT ? platform : undefined
