import { failureOf, isAwsError } from '../../aws/failure.ts'

/** What one check of `ir-cred doctor` found. */
export interface CheckResult {
  readonly check: string
  readonly state: 'ok' | 'warning' | 'problem'
  readonly says: string
}

export const ok = (check: string, says: string): CheckResult => ({ check, state: 'ok', says })
export const warn = (check: string, says: string): CheckResult => ({ check, state: 'warning', says })
export const problem = (check: string, says: string): CheckResult => ({ check, state: 'problem', says })

/** What was asked of AWS; a problem where it cannot be asked. */
export const asked = async <T>(check: string, ask: () => Promise<T>): Promise<T | CheckResult> => {
  try {
    return await ask()
  } catch (error) {
    if (!isAwsError(error)) throw error
    const { what, why, remedy } = failureOf(error, `ask ${check}`)
    return problem(check, `${what}: ${why}. Remedy: ${remedy}`)
  }
}
