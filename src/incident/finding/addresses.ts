import { type Finding, isCredentialType } from './finding.ts'

/** What findings say of addresses. */
export interface FindingAddresses {
  /** Those from which GuardDuty saw the credentials used. */
  readonly reported: readonly string[]
  /** Those of the instance. */
  readonly own: readonly string[]
}

/** The addresses that findings about credentials name: where these were used, and where the instance is. */
export const addressesOfFindings = (findings: readonly Finding[]): FindingAddresses => ({
  reported: [
    ...new Set(
      findings
        .filter(({ type }) => isCredentialType(type))
        .flatMap(({ action, endpoints = [] }) => [...(action?.remote?.ip ? [action.remote.ip] : []), ...endpoints]),
    ),
  ],
  own: [...new Set(findings.flatMap(({ instancePublicIps }) => instancePublicIps))],
})
