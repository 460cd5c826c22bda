import { Failure } from '../../../incident/values/failure.ts'
import { quoted } from '../../../incident/values/quoted.ts'
import type { CallerKind, PrincipalRef } from '../../question.ts'
import { any, type WhereCondition } from './query.ts'

/** Names as IAM and STS allow them ("IAM and AWS STS quotas"), and ARNs made of them. */
const NAME = '[\\w+=,.@-]{1,128}'
const ARN = 'arn:aws[a-z-]*:(?:iam|sts)::\\d{12}:[\\w+=,.@/-]{1,640}'

const PATTERNS: Readonly<Record<CallerKind, RegExp>> = {
  'access-key-id': /^[A-Z0-9]{16,128}$/i,
  role: new RegExp(`^(?:${NAME}|${ARN})$`),
  session: new RegExp(`^(?:${ARN}|${NAME}[:/]${NAME}|${NAME})$`),
  'instance-id': /^m?i-[0-9a-z]{4,32}$/,
  // An address, or the service that called: "AWS Internal", ec2.amazonaws.com.
  ip: /^(?:[0-9a-f.:]{2,45}|[a-z0-9-]+(?:\.[a-z0-9-]+)*|AWS Internal)$/i,
  user: new RegExp(`^(?:${NAME}|${ARN})$`),
  console: new RegExp(`^${NAME}$`),
  trust: new RegExp(`^\\d{12}/${NAME}$`),
}

/** In lower case what `isServiceSource` takes for AWS itself. A query has no question mark but for its values. */
const SERVICE_SOURCE = '^([a-z0-9-]{1,63}[.]){1,5}(amazonaws[.]com([.]cn|)|aws[.]internal)$|^aws internal(/[0-9]{1,6}|)$'

const equal = (column: string, value: string): WhereCondition => ({ text: `${column} = ?`, values: [value] })

const CONDITIONS: Readonly<Record<CallerKind, (value: string) => WhereCondition>> = {
  'access-key-id': (value) => equal('accesskeyid', value),
  role: (value) => any(equal('rolename', value), equal('issuerarn', value), ...byLastName(value), ...byUniqueId(value)),
  session: (value) => {
    const { text, values } = any(
      equal('arn', value),
      equal('principalid', value),
      equal('sessionname', value),
      equal("(rolename || '/' || sessionname)", value),
    )
    return { text: `(sessionname IS NOT NULL AND ${text})`, values }
  },
  'instance-id': (value) => ({ text: '(rolename IS NOT NULL AND sessionname = ?)', values: [value] }),
  ip: (value) => equal("coalesce(nullif(sourceipaddress, ''), 'unknown')", value),
  user: (value) => {
    const root = value === 'root' ? [{ text: "kind = 'Root'", values: [] }] : []
    const { text, values } = any(equal('callername', value), equal('arn', value), equal('principalid', value), ...root)
    return { text: `(coalesce(kind, '') <> 'AssumedRole' AND ${text})`, values }
  },
  console: (value) => ({
    text: "(kind = 'IAMUser' AND callername = ? AND (coalesce(accesskeyid, '') = '' OR starts_with(accesskeyid, 'ASIA')))",
    values: [value],
  }),
  trust: (value) => {
    const [account = '', roleName = ''] = value.split('/')
    return {
      text:
        "(strpos(assumedrole, ?) > 0 AND regexp_extract(assumedrole, '[^/]+$') = ? AND nullif(invokedby, '') IS NULL " +
        `AND NOT regexp_like(lower(coalesce(sourceipaddress, '')), '${SERVICE_SOURCE}'))`,
      values: [`:${account}:role/`, roleName],
    }
  },
}

/** Without the issuer, a role's ARN is recognised by the name at its end. */
const byLastName = (value: string): readonly WhereCondition[] => {
  const name = value.slice(value.lastIndexOf('/') + 1)
  return name === value || name === '' ? [] : [{ text: "(nullif(issuerarn, '') IS NULL AND rolename = ?)", values: [name] }]
}

const byUniqueId = (value: string): readonly WhereCondition[] =>
  value.startsWith('AROA') ? [{ text: 'starts_with(principalid, ?)', values: [`${value}:`] }] : []

/**
 * Which rows are the principal's: in SQL what `isCallOf` is for records, over the columns that `events` gives.
 * Throws a Failure of kind 'usage' for a value that cannot be the name of such a principal.
 */
export const conditionOf = ({ kind, value }: PrincipalRef): WhereCondition => {
  if (kind !== 'resource' && kind !== 'trail-changes' && PATTERNS[kind].test(value)) return CONDITIONS[kind](value)
  throw new Failure({
    kind: 'usage',
    what: `${quoted(value)} is no ${kind.replaceAll('-', ' ')} that can be asked for in SQL`,
    why: 'only identifiers as AWS writes them are sent into a query',
    remedy: 'ask for an access key id, a role or an instance id, or read the log files with --logs',
  })
}

/** Rows of any of several principals. Keys, of which there may be many, are a list. Throws as `conditionOf` does. */
export const conditionOfAny = (principals: readonly PrincipalRef[]): WhereCondition => {
  const others = principals.filter(({ kind }) => kind !== 'access-key-id').map(conditionOf)
  const keys = principals.filter(({ kind }) => kind === 'access-key-id').flatMap((key) => conditionOf(key).values)
  const list = { text: `accesskeyid IN (${keys.map(() => '?').join(',')})`, values: keys }
  return any(...(keys.length > 0 ? [list] : []), ...others)
}
