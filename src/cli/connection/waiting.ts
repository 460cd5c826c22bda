/** Milliseconds after which somebody at a screen wonders. */
const PATIENCE = 1_000

/**
 * Awaits what may take a while before a run has a view of its own; after a second, `say` gets what is waited for. Rejects with
 * the signal's reason when the run is interrupted meanwhile, even where the work itself cannot be cancelled.
 */
export const waitingFor = async <T>(
  work: Promise<T>,
  what: string,
  { signal, say }: { readonly signal: AbortSignal; readonly say: (text: string) => void },
): Promise<T> => {
  const timer = setTimeout(() => say(what), PATIENCE)
  let leave: () => void = () => {}
  const interrupted = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason)
    if (signal.aborted) leave()
    signal.addEventListener('abort', leave, { once: true })
  })
  try {
    return await Promise.race([work, interrupted])
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', leave)
  }
}
