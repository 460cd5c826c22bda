import { codeOf, errorMeaningOf, unreadReason } from '../../../aws/failure.ts'
import { allPages, type FetchPage } from '../../../aws/pager.ts'
import type { DetectiveConnection, Unavailable } from './connection.ts'

/** Seconds before each time that a call is sent again after "too many requests"; the SDK has tried some times before. */
const PAUSES = [2, 5, 10]

/** Asks, and asks again when Detective has too many requests. Throws the last refusal. */
export const patiently = async <T>(connection: DetectiveConnection, ask: () => Promise<T>): Promise<T> => {
  for (const pause of PAUSES) {
    try {
      return await ask()
    } catch (error) {
      if (errorMeaningOf(error) !== 'throttled') throw error
      connection.progress(`Detective has too many requests; asking again in ${pause} s`)
      await connection.settle({ what: 'Detective', kind: 'pause', within: pause }, async () => undefined)
    }
  }
  return ask()
}

/** "Amazon Detective endpoints and quotas". The list may lag, so that every Region is asked all the same. */
const REGIONS = new Set(
  `af-south-1 ap-east-1 ap-northeast-1 ap-northeast-2 ap-south-1 ap-southeast-1 ap-southeast-2 ca-central-1 eu-central-1
  eu-north-1 eu-south-1 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-south-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2
  us-gov-east-1 us-gov-west-1`.split(/\s+/),
)

const isUnknownHost = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && error.code === 'ENOTFOUND') || /^(UnknownEndpoint|EndpointError)$/.test(error.name))

/**
 * What an error of Detective means for somebody who can do without its answer. Undefined for what concerns the whole run: an
 * interruption, the responder's own session that has ended, a bug.
 */
export const unavailabilityOf = (error: unknown, operation: string, connection: DetectiveConnection): Unavailable | undefined => {
  const action = `detective:${operation}`
  if (isUnknownHost(error)) return withoutHost(connection)
  switch (errorMeaningOf(error)) {
    case 'denied':
      return {
        why: `Detective may not be asked: ${action} is denied${reasonIn(error)}`,
        remedy: `give ${connection.profile ? `profile ${connection.profile}` : 'the responder'} ${action} (\`ir-cred policy\` prints what is needed), then continue`,
      }
    case 'throttled':
      return {
        why: `Detective has had too many requests, ${PAUSES.length + 1} times in a row (${action})`,
        remedy: 'continue later',
      }
    case 'not-found':
    case 'invalid':
    case 'conflict':
    case 'wrong-state':
    case 'capacity':
      return { why: `Detective refused ${action}: ${codeOf(error)}${reasonIn(error)}`, remedy: 'look in Detective’s console' }
    case 'expired':
    case 'unrecognized':
    case 'wrong-secret':
      return connection.profile === undefined ? undefined : unusableProfile(connection.profile, error)
    case 'unavailable':
      return unreadReason(error) === undefined
        ? undefined
        : {
            why: `Detective gives no answer to ${action}${reasonIn(error)}`,
            remedy: 'check the network, proxy and endpoint, then continue',
          }
    case 'clock':
      return {
        why: `Detective refuses ${action} because of the clock${reasonIn(error)}`,
        remedy: 'set this machine’s clock, then continue',
      }
  }
}

const withoutHost = ({ region }: DetectiveConnection): Unavailable =>
  REGIONS.has(region)
    ? {
        why: `Detective’s endpoint in ${region} was not found from here`,
        remedy: 'let this machine resolve and reach api.detective, then continue',
      }
    : { why: `Detective is not available in ${region}`, remedy: 'nothing: no graph has data of this Region' }

const unusableProfile = (profile: string, error: unknown): Unavailable => ({
  why: `the credentials of profile ${profile} cannot be used for Detective: ${codeOf(error)}${reasonIn(error)}`,
  remedy: 'sign in again (for SSO: aws sso login --profile …), or name another with --detective-profile, then continue',
})

const LONGEST_REASON = 200

const reasonIn = (error: unknown): string => {
  const message = error instanceof Error ? error.message.trim() : ''
  return message === '' || message === codeOf(error) ? '' : ` (${message.slice(0, LONGEST_REASON)})`
}

export interface Listed<T> {
  readonly items: readonly T[]
  /** Why the list may not be whole. */
  readonly incomplete?: string
  /** Set when it was Detective that ended the list. */
  readonly unavailable?: Unavailable
}

/**
 * A list to its end, whatever ends it: the SDK has no paginator for investigations and indicators. A token is good for 24 hours, and
 * Detective answers an older one with ValidationException: then the list is read once more from its beginning.
 */
export const listAll = async <T>(connection: DetectiveConnection, operation: string, page: FetchPage<T>): Promise<Listed<T>> => {
  const read = { items: [] as T[], token: undefined as string | undefined }
  const next: FetchPage<T> = async (token) => {
    read.token = token
    const answer = await patiently(connection, () => page(token))
    read.items.push(...(answer.items ?? []))
    return answer
  }
  const whole = (): Promise<Listed<T>> => {
    read.items = []
    return allPages(next)
  }
  try {
    return await whole().catch((error: unknown) => {
      if (read.token === undefined || errorMeaningOf(error) !== 'invalid') throw error
      return whole()
    })
  } catch (error) {
    const unavailable = unavailabilityOf(error, operation, connection)
    if (!unavailable) throw error
    return { items: read.items, incomplete: unavailable.why, unavailable }
  }
}
