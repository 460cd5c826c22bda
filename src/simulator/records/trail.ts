/** A CloudTrail record, as far as the simulated account fills it (facts of "CloudTrail record contents"). */
export interface TrailRecord {
  readonly eventID: string
  /** ms since the epoch; the record itself carries whole seconds. */
  readonly at: number
  /** When LookupEvents begins to show it (ms). */
  readonly deliveredAt: number
  readonly accessKeyId?: string
  /** LookupEvents' Username: the session name of a role session, the user's name, absent for a service. */
  readonly username?: string
  readonly eventName: string
  readonly eventSource: string
  readonly readOnly: boolean
  /** False for data events (S3 objects), which LookupEvents never shows. */
  readonly management: boolean
  readonly region: string
  /** Names that LookupEvents' ResourceName finds. */
  readonly resources: readonly { readonly type: string; readonly name: string }[]
  /** The whole record as LookupEvents answers it in CloudTrailEvent; made only when somebody asks. */
  readonly document: () => Readonly<Record<string, unknown>>
}

/** All records of the account, oldest first. */
export interface Trail {
  add(record: TrailRecord): void
  all(): readonly TrailRecord[]
}

export const createTrail = (): Trail => {
  const records: TrailRecord[] = []
  return {
    add: (record) => {
      let index = records.length
      while (index > 0 && (records[index - 1]?.at ?? 0) > record.at) index -= 1
      records.splice(index, 0, record)
    },
    all: () => records,
  }
}
