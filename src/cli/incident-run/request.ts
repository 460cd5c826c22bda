import type { ReportedRequest, Request } from '../../incident/entry.ts'
import type { Finding } from '../../incident/finding/finding.ts'
import { findingsInText, narrowFinding } from '../../incident/finding/finding-document.ts'
import { sampleMarksOfUnread, sampleRefusal } from '../../incident/finding/finding-sample.ts'
import { Failure } from '../../incident/values/failure.ts'
import { given } from '../../incident/values/given.ts'
import {
  findingArnOf,
  isFindingId,
  isInstanceId,
  isManagedNodeId,
  isRoleName,
  roleOfArn,
  userOfArn,
} from '../../incident/values/identifiers.ts'
import { quotedPath } from '../../incident/values/quoted.ts'
import { decodeUtf8 } from '../../incident/values/strict-json.ts'
import { accessKeyOption } from '../access-key-option.ts'
import type { Host } from '../host.ts'
import { type FileHost, readNamedFile, readStandardInput, Unreadable } from '../named-file.ts'
import { printable } from '../options.ts'

/** Options by which `respond` names what the finding is about. */
export interface FindingSelectors {
  readonly accessKeyId?: string
  readonly role?: string
  readonly user?: string
  readonly instanceId?: string
  /** The ARN of a role's session. */
  readonly session?: string
  /** Why what is named is reported, where no finding names it. */
  readonly reason?: string
  /** Of a file that holds several findings: which one. */
  readonly findingId?: string
}

/**
 * What the responder named: a finding's id or ARN, a file, `-` for standard input, or by option a key, a role, a user, an instance or a session.
 * Nothing named means "show me the list". Throws Failure usage for what is none of these.
 */
export const requestOf = async (finding: string | undefined, options: FindingSelectors, host: RequestHost): Promise<Request> => {
  const named = [finding, ...SELECTORS.map((name) => options[name])].filter((value) => value !== undefined)
  const { findingId, reason } = options
  const isId = finding !== undefined && (isFindingId(finding) || findingArnOf(finding) !== undefined)
  if (reason !== undefined && (finding !== undefined || named.length === 0))
    throw usage(
      '--reason says why something is reported, and nothing was reported',
      'name it: --access-key-id, --role, --user, --instance-id or --session',
    )
  // A finding may name several keys (an attack sequence): then both are given.
  const keyOfFinding = finding !== undefined && named.length === 2 ? options.accessKeyId : undefined
  if (named.length > 1 && keyOfFinding === undefined) {
    throw usage(
      'more than one thing to look for was given',
      'name one: a finding, --access-key-id, --role, --user, --instance-id or --session',
    )
  }
  if (findingId !== undefined && (finding === undefined || isId))
    throw usage(
      '--finding-id chooses among the findings of a file, and no file was given',
      `name the finding itself: \`ir-cred respond ${isFindingId(findingId) ? findingId : '<id>'}\``,
    )
  if (keyOfFinding !== undefined && finding !== undefined) {
    byKey(keyOfFinding)
    const asked = isId ? ({ by: 'finding-id', id: finding } as const) : await inFile(finding, findingId, host)
    return { ...asked, accessKeyId: keyOfFinding }
  }
  const reported = reportIn(options)
  if (reported) return { ...reported, ...given({ reason: reason === undefined ? undefined : reasonOption(reason) }) }
  if (finding === undefined) return { by: 'list' }
  return isId ? { by: 'finding-id', id: finding } : inFile(finding, findingId, host)
}

const SELECTORS = ['accessKeyId', 'role', 'user', 'instanceId', 'session'] as const

const reportIn = ({ accessKeyId, role, user, instanceId, session }: FindingSelectors): ReportedRequest | undefined => {
  if (accessKeyId !== undefined) return byKey(accessKeyId)
  if (role !== undefined) return byRole(role)
  if (user !== undefined) return byUser(user)
  if (instanceId !== undefined) return byInstance(instanceId)
  return session === undefined ? undefined : bySession(session)
}

type FileRequest = Request & { readonly by: 'file' }

/** Where a finding may come from, and what stops waiting for it. */
export type RequestHost = FileHost & Pick<Host, 'stdin'>

/** A file without a finding, or with samples only, is refused before anybody has to sign in. */
const inFile = async (path: string, findingId: string | undefined, host: RequestHost): Promise<FileRequest> => {
  const request: FileRequest = path === '-' ? await fromStandardInput(host) : await fromFile(path, host)
  const name = path === '-' ? STANDARD_INPUT : quotedPath(path)
  const documents = findingsInText(request.text, name)
  const chosen = findingId === undefined ? documents : [chosenFrom(documents, findingId, name)]
  refuseSamples(chosen, name)
  return findingId === undefined ? request : { ...request, text: JSON.stringify(chosen) }
}

/** The findings that can be read, as far as they can be read by now. */
const readIn = (documents: readonly unknown[]): readonly Finding[] =>
  documents.flatMap((document) => {
    try {
      return [narrowFinding(document)]
    } catch (error) {
      if (error instanceof Failure) return []
      throw error
    }
  })

const chosenFrom = (documents: readonly unknown[], findingId: string, name: string): unknown => {
  const found = documents.find((document) => readIn([document])[0]?.id === findingId)
  if (found !== undefined) return found
  const ids = readIn(documents).map(({ id }) => id)
  const held = ids.length > MOST_IDS ? `${ids.length} others` : ids.join(', ') || 'none that can be read'
  throw usage(`${name} holds no finding "${printable(findingId)}"`, `choose one of those that it holds: ${held}`)
}

const MOST_IDS = 10

const refuseSamples = (documents: readonly unknown[], name: string): void => {
  const marks = documents.map((document) => readIn([document])[0]?.sampleMarks ?? sampleMarksOfUnread(document))
  const [first = []] = marks
  if (marks.some((ofOne) => ofOne.length === 0)) return
  const refusal = sampleRefusal(first)
  if (refusal) throw new Failure({ kind: 'blocked', what: `the finding in ${name} is not responded to`, ...refusal })
}

/** The Region of the findings of a file; undefined where they name several, or none can be read. */
export const regionOfFile = (request: Request): string | undefined => {
  if (request.by !== 'file') return undefined
  const regions = new Set(readIn(findingsInText(request.text, quotedPath(request.name))).map(({ region }) => region))
  return regions.size === 1 ? [...regions][0] : undefined
}

const usage = (what: string, remedy: string): Failure => new Failure({ kind: 'usage', what, remedy })

const byKey = (text: string): ReportedRequest => ({ by: 'access-key-id', accessKeyId: accessKeyOption(text) })

const byRole = (role: string): ReportedRequest => {
  const isArn = role.startsWith('arn:')
  const name = isArn ? roleOfArn(role)?.roleName : role
  if (name !== undefined && isRoleName(name)) return { by: 'role', roleName: name, ...given({ arn: isArn ? role : undefined }) }
  throw usage(`"${printable(role)}" is not a role`, 'give the role’s name (letters, digits and +=,.@_-; at most 64) or its ARN')
}

const byUser = (user: string): ReportedRequest => {
  const isArn = user.startsWith('arn:')
  const name = isArn ? userOfArn(user)?.userName : user
  if (name !== undefined && isRoleName(name)) return { by: 'user', userName: name, ...given({ arn: isArn ? user : undefined }) }
  throw usage(`"${printable(user)}" is not a user`, 'give the user’s name (letters, digits and +=,.@_-; at most 64) or its ARN')
}

const bySession = (arn: string): ReportedRequest => {
  const { roleName, sessionName } = roleOfArn(arn) ?? {}
  if (roleName !== undefined && sessionName !== undefined) return { by: 'session', arn, roleName, sessionName }
  const remedy = 'it looks like arn:aws:sts::111122223333:assumed-role/web-app/i-08faaaafb15777f5a'
  throw usage(
    `"${printable(arn)}" is not the ARN of a role’s session`,
    roleName === undefined ? remedy : `${remedy}; for every session of the role: --role ${roleName}`,
  )
}

/** Characters of a reason that are kept. */
const LONGEST = 500

/** A reason as it was typed, without the space around it. Throws Failure usage for none, and for one that is too long. */
export const reasonOption = (text: string): string => {
  const reason = text.trim()
  if (reason !== '' && reason.length <= LONGEST) return reason
  throw usage(`--reason has ${reason.length} characters`, `write a sentence of 1 to ${LONGEST} characters`)
}

const byInstance = (instanceId: string): ReportedRequest => {
  if (isInstanceId(instanceId)) return { by: 'instance-id', instanceId }
  if (isManagedNodeId(instanceId))
    throw usage(`${instanceId} is a hybrid node, not an EC2 instance; it cannot be stopped`, 'revoke its role’s sessions in IAM')
  throw usage(
    `"${printable(instanceId)}" is not an instance id`,
    'it looks like i-08faaaafb15777f5a: i- and 8 or 17 of the characters 0-9 and a-f',
  )
}

const fromFile = async (path: string, host: FileHost): Promise<FileRequest> => {
  const name = quotedPath(path)
  const bytes = await readNamedFile(path, host).catch((error: unknown) => {
    if (!(error instanceof Unreadable)) throw error
    throw usage(
      `${name} is not a finding: it has not the form of an id or ARN, and as a file it cannot be read (${error.message})`,
      'name a finding by its id (32 characters 0-9 and a-f), its ARN or a JSON file; `ir-cred findings` lists them',
    )
  })
  return { by: 'file', name: path, text: decodeUtf8(bytes, name) }
}

/** What a finding that was piped in is called. */
export const STANDARD_INPUT = 'standard input'

const fromStandardInput = async (host: RequestHost): Promise<FileRequest> => {
  const bytes = await readStandardInput(host).catch((error: unknown) => {
    if (!(error instanceof Unreadable)) throw error
    throw usage(`${STANDARD_INPUT} cannot be read: ${error.message}`, 'name the finding by its id')
  })
  return { by: 'file', name: STANDARD_INPUT, text: decodeUtf8(bytes, STANDARD_INPUT) }
}
