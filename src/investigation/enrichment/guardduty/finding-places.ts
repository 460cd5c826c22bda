import type { Finding, RemoteAddress } from '../../../incident/finding/finding.ts'
import { epochOf } from '../../../incident/values/instant.ts'

/**
 * Where GuardDuty itself says that addresses are: address, country, city, network and its number, as `openGeography({ known })` takes
 * them. The most recently updated finding speaks first; each finding knows its latest address only.
 */
export const findingPlaces = (findings: readonly Finding[]): readonly RemoteAddress[] =>
  [...findings]
    .sort((a, b) => epochOf(b.updatedAt) - epochOf(a.updatedAt))
    .flatMap(({ action, sampleMarks }) => (action?.remote?.ip === undefined || sampleMarks.length > 0 ? [] : [action.remote]))
