// Where things lie in the first 64 KB of the module's memory. The rest is the caller's.

/** Decoding table of literals and lengths: 2,048 entries and, behind them, tables of the codes that are longer. */
export const LITERAL_TABLE: usize = 0x1000
/** The same of distances: 256 entries and more. */
export const DISTANCE_TABLE: usize = 0x4000
/** The same of the code that code lengths are written in: 128 entries. */
export const LENGTH_TABLE: usize = 0x5000
/** Code lengths of 288 literals and lengths, and of 32 distances. One byte each. */
export const CODE_LENGTHS: usize = 0x5400
/** Symbols in the order of their codes. Two bytes each. */
export const SORTED_SYMBOLS: usize = 0x5800
/** How many codes there are of each length, and where the symbols of each length start. Four bytes each. */
export const COUNTS: usize = 0x5c00
/** Where the symbols of each code length start in SORTED_SYMBOLS. */
export const STARTS: usize = 0x5c40
/** Entries of each symbol without the length of its code. */
export const LITERAL_ENTRIES: usize = 0x6000
export const DISTANCE_ENTRIES: usize = 0x6600
export const LENGTH_ENTRIES: usize = 0x6700
/** Eight tables of 256 entries. */
export const CRC_TABLES: usize = 0x7000
/** Blocks of 16 bytes that are still added to later ones, and 1,024 that are worked on. */
export const CRC_BLOCKS: usize = 0x9000
/** What is known of the texts that are searched for: 17 entries of 64 bytes. */
export const TEXTS: usize = 0xf800
