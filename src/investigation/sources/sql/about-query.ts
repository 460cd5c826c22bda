import { CAUSE_NAMES } from '../../analysis/cause-events.ts'
import { TRAIL_CHANGES } from '../../analysis/logging-gaps.ts'
import { DOCUMENT_EVENT_NAMES } from '../../persistence/policy-documents.ts'
import { UNDO_EVENT_NAMES } from '../../persistence/rules.ts'
import type { PrincipalRef, TimeRange } from '../../question.ts'
import type { SqlDialect } from './dialect.ts'
import { DATE, patternOf } from './name-pattern.ts'
import { recordsQuery } from './queries.ts'
import { all, any, type Query, type WhereCondition } from './query.ts'

/** The most records of others that are read one by one, the earliest. */
export const OTHERS_READ = 20_000

/** Calls whose names speak of credentials: which of them handed one out is decided when the rows have come. */
const HANDS_OUT: WhereCondition = {
  text: "regexp_like(eventname, '^(Assume|ConsoleLogin|SwitchRole)|Token|Credential|AccessKey')",
  values: [],
}

const EXPOSES: WhereCondition = { text: `regexp_like(eventname, '^(${patternOf([...CAUSE_NAMES])})$')`, values: [] }

const TRAIL_CHANGE: WhereCondition = {
  text: `(eventsource = 'cloudtrail.amazonaws.com' AND eventname IN (${TRAIL_CHANGES.map((name) => `'${name}'`).join(', ')}))`,
  values: [],
}

const UNDOES: WhereCondition = {
  text: `regexp_like(eventname, '^(${patternOf([...new Set([...UNDO_EVENT_NAMES, ...DOCUMENT_EVENT_NAMES])])})(${DATE}|)$')`,
  values: [],
}

const holds = (text: string, value: string): WhereCondition => ({ text: `strpos(${text}, ?) > 0`, values: [value] })

const SUBJECT = "concat(coalesce(requestparameters, ''), coalesce(resources, ''))"

/**
 * Records in a range that may be about these keys, roles, users and instances, whoever made them, and all that switch a trail off or on.
 * Whether they are, `isAbout` decides when they have come.
 */
export const aboutQuery = (dialect: SqlDialect, range: TimeRange, about: readonly PrincipalRef[]): Query => {
  const keys = about.filter(({ kind }) => kind === 'access-key-id')
  const machines = about.filter(({ kind }) => kind === 'instance-id')
  const issues = [
    ...keys.map(({ value }) => holds('responseelements', value)),
    ...machines.map(({ value }) => holds('requestparameters', value)),
  ]
  const causes = [
    ...about.map(({ value }) => holds(SUBJECT, value)),
    ...machines.map(({ value }) => all({ text: "eventname = 'RunInstances'", values: [] }, holds('responseelements', value))),
  ]
  const wanted = any(
    TRAIL_CHANGE,
    ...(issues.length > 0 ? [all(HANDS_OUT, any(...issues))] : []),
    ...(causes.length > 0 ? [all(EXPOSES, any(...causes))] : []),
  )
  return recordsQuery(dialect, range, wanted, {
    asks: 'what others did to the instance, the role, the user and the key',
    most: OTHERS_READ,
  })
}

/** Records in a range that may undo something under one of these names, whoever made them. */
export const undoQuery = (dialect: SqlDialect, range: TimeRange, names: readonly string[]): Query =>
  recordsQuery(dialect, range, all(UNDOES, any(...names.map((name) => holds('requestparameters', name)))), {
    asks: 'what others undid',
    most: OTHERS_READ,
  })
