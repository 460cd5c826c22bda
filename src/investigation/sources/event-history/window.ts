/**
 * A part of a lookup's time range that is read page by page, the newest events first. All times are whole seconds since the
 * epoch, because LookupEvents knows no parts of a second; both ends belong to the window. Plain JSON: a cursor is made of it.
 */
export interface Window {
  /** What the query asks for. */
  readonly from: number
  readonly until: number
  /** Earlier events are another window's: later than `from` once the window has been split. */
  stop: number
  /** The oldest event that was read; `until` at the beginning. */
  reached: number
  /** Where the next page begins. Missing before the first page, and after the last. */
  token?: string
  pages: number
  /** Seconds of history on a page: its own, or for want of that its parent's. */
  secondsPerPage?: number
  done: boolean
  /** Why it is read no further, a clause. Another reading may try again. */
  gap?: string
}

export const openWindow = (from: number, until: number, secondsPerPage?: number): Window => ({
  from,
  until,
  stop: from,
  reached: until,
  pages: 0,
  ...(secondsPerPage === undefined ? {} : { secondsPerPage }),
  done: false,
})

/** What of a page moves its window on. */
export interface TurnedPage {
  /** The oldest event on the page; missing when it is empty. */
  readonly oldest?: number
  readonly token?: string
}

/** Notes a page; the window is done when there is no next one, or when the next one is another window's. */
export const turnPage = (window: Window, { oldest, token }: TurnedPage): void => {
  window.pages += 1
  if (oldest !== undefined) {
    window.reached = Math.min(window.reached, oldest)
    window.secondsPerPage = Math.max(1, (window.until - window.reached) / window.pages)
  }
  delete window.token
  if (token !== undefined) window.token = token
  window.done = token === undefined || window.reached < window.stop
}

/** How many pages are probably left, judged by those that were read. */
export const pagesLeft = ({ done, gap, reached, stop, secondsPerPage }: Window): number =>
  done || gap !== undefined ? 0 : Math.max(1, secondsPerPage === undefined ? 1 : (reached - stop) / secondsPerPage)

const WORTH_SPLITTING = 2

/**
 * Parts what is left of a window in two: it keeps the newer half, and the older one is given. Undefined when nothing is
 * known of it, or when too little is left.
 */
export const split = (window: Window): Window | undefined => {
  if (window.secondsPerPage === undefined || pagesLeft(window) < WORTH_SPLITTING) return undefined
  const middle = window.stop + Math.ceil((window.reached - window.stop) / 2)
  if (middle <= window.stop || middle >= window.reached) return undefined
  const older = openWindow(window.stop, middle - 1, window.secondsPerPage)
  window.stop = middle
  return older
}

/** The rest of a window as a new query: for a token that is refused. Events of its last second are read twice. */
export const restOfWindow = ({ stop, reached, secondsPerPage }: Window): Window => openWindow(stop, reached, secondsPerPage)
