/** The program of a thread: the bundle puts what is made from `log-thread.ts` beside the file that this stands in. */
export const THREAD_PROGRAM = new URL('./log-thread.js', import.meta.url)
