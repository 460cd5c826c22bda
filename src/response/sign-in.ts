import { errorMeaningOf, isAwsError } from '../aws/failure.ts'
import { Failure } from '../incident/values/failure.ts'
import type { Responder } from './ports.ts'
import type { RunRecorder, World } from './world.ts'

/** By what an answers file answers the question. */
export const SIGN_IN_QUESTION = 'Your session has expired. Sign in again in another window (for SSO: aws sso login). What now?'

/** How often a person is asked for one step: new credentials may be the old ones still. */
const TRIES = 5

interface SigningIn {
  readonly world: Pick<World, 'signInAgain' | 'signal'>
  readonly recorder: RunRecorder
  readonly responder: Responder
}

/**
 * Makes a step of the run. Where the responder's session has expired, a person may sign in within the run, and the same step is made
 * once more with new clients: it looks first, so that nothing that was done is done again. Without a person the error is thrown.
 */
export const withSignIn = async <T>(step: () => Promise<T>, signingIn: SigningIn): Promise<T> => {
  for (let tries = 0; ; tries += 1) {
    try {
      return await step()
    } catch (error) {
      if (tries >= TRIES || !isExpired(error) || !(await signsIn(signingIn))) throw error
    }
  }
}

/** Whether AWS refused the responder's own credentials because they have ended. */
const isExpired = (error: unknown): boolean =>
  error instanceof Failure ? error.meaning === 'expired' : isAwsError(error) && errorMeaningOf(error) === 'expired'

/** Asks until new credentials are there. False when nobody signs in. Throws Failure identity for those of somebody else. */
const signsIn = async ({ world: { signInAgain, signal }, recorder, responder }: SigningIn): Promise<boolean> => {
  for (let tries = 0; signInAgain && tries < TRIES; tries += 1) {
    signal.throwIfAborted()
    const answer = await responder.choose({
      what: SIGN_IN_QUESTION,
      options: [
        { id: 'signed-in', label: ['I have signed in: go on with the same step'] },
        { id: 'stop', label: ['stop here; the run can be resumed'] },
      ],
    })
    if (answer !== 'signed-in') return false
    try {
      await signInAgain()
      recorder.emit({ type: 'note', text: 'signed in again; the run goes on with the same step' })
      return true
    } catch (error) {
      if (!isExpired(error)) throw error
      recorder.emit({
        type: 'note',
        text: 'the credentials that ir-cred finds are still the ones that have ended; those in variables of this process cannot be renewed while it runs',
      })
    }
  }
  return false
}
