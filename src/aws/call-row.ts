import type { ApiCall } from './calls.ts'

/** A row of the table of calls; `stages` are separated by spaces, and the IAM action is named like the operation unless it is given. */
export const row = (
  access: 'read' | 'write',
  service: string,
  operation: string,
  stages: string,
  why: string,
  resource = '*',
  actions: readonly string[] = [`${service}:${operation.replace(/\?.*$/, '')}`],
): ApiCall => ({ service, operation, actions, access, stages: stages.split(' '), why, resource })
