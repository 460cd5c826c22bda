import type { Account } from './account/account.ts'
import type { IssuedCredential } from './account/credentials.ts'
import type { Call } from './call.ts'

/** A call whose signature was accepted, with the credentials it was made with. */
export interface AuthenticatedCall {
  readonly call: Call
  readonly credential: IssuedCredential
}

/** What IAM is asked before an operation runs: the action and the resource it touches. */
export interface Authorization {
  readonly action: string
  readonly resource: string
  /** Further condition keys of the request, such as `ec2:SourceInstanceARN`. */
  readonly context?: Readonly<Record<string, string>>
}

/**
 * One operation of a simulated service: what it asks IAM for, and what it does. Written with the SDK's own
 * input and output types, so that a handler cannot answer what the real API could not.
 */
export interface Operation<I = never, O = object> {
  /** Default: `service:Operation` on `*`. Undefined in the list of authorizations means "needs no permission" (GetCallerIdentity). */
  readonly authorize?: (account: Account, input: I) => readonly Authorization[]
  readonly run: (account: Account, input: I, caller: AuthenticatedCall) => O
  /** Whether it changes the account: CloudTrail's readOnly is its opposite, and the drill counts these. */
  readonly writes: boolean
  /** Whether it is a data event to CloudTrail, which LookupEvents never shows. */
  readonly isDataEvent?: boolean
  /** The resources that CloudTrail's record names. */
  readonly resources?: (account: Account, input: I, output: O) => readonly { readonly type: string; readonly name: string }[]
  /** Without an output when the call failed. */
  readonly written?: (input: I, output: O | undefined) => Written
}

/** What CloudTrail writes of a call where that is not the API's own shape: EC2's lists, what is left out. */
export interface Written {
  readonly request?: object
  readonly response?: object
}

/** One service: its operations by name. */
export type Service = Readonly<Record<string, Operation>>

/** Gives an operation its types and takes them away again for the table of operations. */
export const operation = <I, O extends object>(definition: Operation<I, O>): Operation => definition as unknown as Operation
