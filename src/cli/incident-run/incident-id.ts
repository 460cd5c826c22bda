import { createHash } from 'node:crypto'
import type { Finding } from '../../incident/finding/finding.ts'
import type { Instant } from '../../incident/values/instant.ts'

/** A name for a new incident: whose credentials, the day, and a mark of the finding, such as `web-app-1125-7f3a`. */
export const nameIncident = async (
  finding: Finding,
  now: Instant,
  isTaken: (name: string) => Promise<boolean>,
): Promise<string> => {
  const who = (finding.userName ?? 'incident')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 24)
  const mark = createHash('sha256').update(finding.id).digest('hex').slice(0, 4)
  const name = `${who || 'incident'}-${now.slice(5, 7)}${now.slice(8, 10)}-${mark}`
  for (let number = 1; ; number += 1) {
    const candidate = number === 1 ? name : `${name}-${number}`
    if (!(await isTaken(candidate))) return candidate
  }
}
