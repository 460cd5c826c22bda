import type { ServiceError } from '../call.ts'
import type { WireRequest, WireResponse } from './message.ts'
import type { OperationShape } from './schema.ts'
import type { LoadedService, WireService } from './services.ts'

/** What a request asks for. */
export interface Routed {
  /** As the request names it, for messages. */
  readonly asked: string
  /** Absent when the simulated account does not serve it. */
  readonly operation: OperationShape | undefined
  /** The input in the SDK's shape. Throws Malformed. */
  readonly readInput: (operation: OperationShape) => Record<string, unknown>
}

/** What an answer needs besides its content. */
export interface AnswerContext {
  readonly service: Pick<WireService, 'xmlNamespace'>
  readonly requestId: string
}

/** The server's side of one AWS protocol. */
export interface Protocol {
  /** Finds the operation. Throws Malformed when the request names none in the protocol's way. */
  readonly route: (request: WireRequest, service: LoadedService) => Routed
  readonly writeOutput: (operation: OperationShape, output: object, context: AnswerContext) => WireResponse
  readonly writeError: (error: ServiceError, context: AnswerContext) => WireResponse
}
