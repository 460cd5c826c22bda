import type { Host } from '../host.ts'
import type { CommonOptions } from '../options.ts'

/** Milliseconds after which somebody at a screen wonders. */
const PATIENCE = 1_000

/**
 * Awaits what may take a while before a run has a view of its own, and says what is waited for once a second has gone by.
 * Programs that read events are not told. Rejects with the signal's reason when the run is interrupted meanwhile, even where
 * the work itself cannot be given up.
 */
export const waitingFor = async <T>(
  { stderr, signal }: Pick<Host, 'stderr' | 'signal'>,
  { json, quiet }: Pick<CommonOptions, 'json' | 'quiet'>,
  what: string,
  work: Promise<T>,
): Promise<T> => {
  const told = setTimeout(() => json || quiet || stderr.write(`${what} …\n`), PATIENCE)
  let leave: () => void = () => {}
  const interrupted = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason)
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
  })
  try {
    return await Promise.race([work, interrupted])
  } finally {
    clearTimeout(told)
    signal.removeEventListener('abort', leave)
  }
}
