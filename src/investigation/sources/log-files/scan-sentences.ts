/** A log file without records is no fault: CloudTrail delivers such files, and a search finds nothing. */
const EMPTY_LOG = /^\s*(?:\{\s*"\w+"\s*:\s*)?\[\s*\]\s*\}?\s*$/
const LONGEST_EMPTY_LOG = 200

/** Why a file holds no record, as a clause; undefined for one that has some, and for a log file that is empty. */
export const faultOfEmpty = (events: number, head: Buffer, mention: string | undefined): string | undefined => {
  if (events > 0) return undefined
  if (mention !== undefined)
    return `it holds no CloudTrail record in a form that ir-cred reads, although ${mention} stands in it: export the records as CloudTrail wrote them`
  const isEmptyLog = head.length <= LONGEST_EMPTY_LOG && EMPTY_LOG.test(head.toString('latin1'))
  return isEmptyLog ? undefined : 'it holds no CloudTrail record'
}

/** Sentences about a file that was not read whole, or has records without a time. */
export const sentencesFor = (
  name: string,
  fault: string | undefined,
  events: number,
  undated: number,
): { readonly why?: string } => {
  const clause = fault === 'it is not JSON' && name.endsWith('.gz') ? 'it is neither gzip nor JSON' : fault
  const sentences = [
    ...(clause === undefined ? [] : [`${clause.charAt(0).toUpperCase()}${clause.slice(1)}.${eventsRead(events)}`]),
    ...(undated === 0 ? [] : [undatedEvents(undated)]),
  ]
  return sentences.length === 0 ? {} : { why: sentences.join(' ') }
}

const undatedEvents = (count: number): string =>
  count === 1
    ? 'One event that may belong to the principal has no valid time and is not counted.'
    : `${count} events that may belong to the principal have no valid time and are not counted.`

export const eventsRead = (events: number): string => {
  if (events === 0) return ''
  return events === 1 ? ' One event in it was read.' : ` ${events} events in it were read.`
}
