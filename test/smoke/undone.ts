/** What no response to an instance's own session establishes: nothing else runs under the role, and nothing is done by hand. */
export const UNDONE: readonly string[] = ['renew-workload', 'verify-by-hand']
