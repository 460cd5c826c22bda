import { type AccessRequest, type Decision, evaluate, type NamedPolicy } from '../../../src/simulator/authorization/evaluate.ts'
import { parsePolicy } from '../../../src/simulator/authorization/policy.ts'

/** A policy document of language version 2012-10-17 holding these statements. */
export const documentOf = (...statements: readonly object[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: statements })

export const policy = (name: string, ...statements: readonly object[]): NamedPolicy => ({
  name,
  kind: 'inline',
  document: parsePolicy(documentOf(...statements)),
})

export const boundary = (...statements: readonly object[]): NamedPolicy => ({
  ...policy('boundary', ...statements),
  kind: 'boundary',
})

export const allowAll = { Effect: 'Allow', Action: '*', Resource: '*' }

export const request = (overrides: Partial<AccessRequest> = {}): AccessRequest => ({
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::payroll/2026/november.csv',
  context: {},
  ...overrides,
})

/** What becomes of a request when a Deny with this condition stands beside an Allow of everything. */
const whenDeniedIf = (condition: object, context: AccessRequest['context']): Decision['decision'] =>
  evaluate([policy('p', allowAll, { Effect: 'Deny', Action: '*', Resource: '*', Condition: condition })], request({ context }))
    .decision

/** Whether a condition holds for a request with these context keys. */
export const isHeld = (condition: object, context: AccessRequest['context']): boolean =>
  whenDeniedIf(condition, context) === 'explicitDeny'
