import stringWidth from 'string-width'

const NARROWEST = 40
const WIDEST = 120
const USUAL = 80

/** Of what our own sentences are made of, each character takes one column. */
const ONE_COLUMN_EACH = /^[ -~\u00a1-\u00ac\u00ae-\u00ff\u2013\u2014\u2018-\u201d\u2026]*$/

/** Columns that a text takes on a terminal. Colour codes take none. */
export const widthOf = (text: string): number => (ONE_COLUMN_EACH.test(text) ? text.length : stringWidth(text))

/** The width to write for: the terminal's, from 40 to 120; 80 without a terminal. */
export const usableWidth = (columns: number): number =>
  columns > 0 ? Math.min(WIDEST, Math.max(NARROWEST, Math.floor(columns))) : USUAL

/** Text filled up with spaces to a width. */
export const padTo = (text: string, width: number): string => text + ' '.repeat(Math.max(0, width - widthOf(text)))
