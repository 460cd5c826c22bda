import type { IssuedCredential } from '../../src/simulator/account/credentials.ts'
import type { BuiltScenario } from '../../src/simulator/scenario-kit/scenario.ts'
import { openAccount } from '../../src/simulator/serve-account.ts'
import { createDispatcher } from '../../src/simulator/wire/dispatch.ts'
import { inProcessHandler } from '../../src/simulator/wire/in-process.ts'
import { verifySignature } from '../../src/simulator/wire/signature.ts'

/** The account over the wire, for whoever does by hand what no response does: the config of an SDK client. */
export const outsideClient = (built: BuiltScenario) => {
  const open = openAccount(built)
  const authenticate = verifySignature(open.secretOf)
  const requestHandler = inProcessHandler(createDispatcher({ answer: open.answer, now: built.account.clock.now, authenticate }))
  return ({ accessKeyId, secretAccessKey, sessionToken }: Omit<IssuedCredential, 'principal' | 'issuedAt'>) => ({
    ...{ region: built.account.region, requestHandler, maxAttempts: 1 },
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) },
  })
}
