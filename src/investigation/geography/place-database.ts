import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Reader, Response } from 'maxmind'
import { Failure } from '../../incident/values/failure.ts'
import { quotedPath } from '../../incident/values/quoted.ts'
import { type PlaceRow, readPlaceRow } from './database-row.ts'

/** A file that says where addresses are. */
export interface PlaceDatabase {
  /** The file's name, with what it calls itself and when it was built: `city.mmdb (GeoLite2-City, built 2026-06-17)`. */
  readonly label: string
  /** What it knows of an address in canonical spelling; undefined for nothing, and for a damaged part of the file. */
  find(address: string): PlaceRow | undefined
  /** Whether a look-up met a damaged part. */
  damaged(): boolean
}

/** The reader keeps the whole file in memory and decodes rows again: most addresses of an incident share few of them. */
const CACHED_ROWS = 1_000

/** Opens a MaxMind database (.mmdb). Throws Failure 'usage' with the file's name for what is none, or not all of one. */
export const openPlaceDatabase = async (path: string): Promise<PlaceDatabase> => {
  const reader = await readerOf(path)
  const { ipVersion } = reader.metadata
  let damaged = false
  return {
    label: labelOf(path, reader),
    find: (address) => {
      // In a tree of IPv4 addresses the reader takes the first 32 bits of an IPv6 address for one.
      if (ipVersion === 4 && address.includes(':')) return undefined
      try {
        const row: unknown = reader.get(address)
        return row === null ? undefined : readPlaceRow(row)
      } catch {
        damaged = true
        return undefined
      }
    },
    damaged: () => damaged,
  }
}

const readerOf = async (path: string): Promise<Reader<Response>> => {
  await mustBeFile(path)
  try {
    const { open } = await import('maxmind')
    const reader = await open<Response>(path, { cache: { max: CACHED_ROWS } })
    for (const probe of PROBES) reader.get(probe)
    return reader
  } catch (cause) {
    throw unusable(path, `it is no MaxMind database, or not all of one (${messageOf(cause)})`, cause)
  }
}

/** A file that lost its beginning or its middle still opens: looking up addresses all over it finds that out. */
const PROBES: readonly string[] = Array.from({ length: 223 }, (_, index) => `${index + 1}.${(index * 37) % 256}.1.1`)

const mustBeFile = async (path: string): Promise<void> => {
  const found = await stat(path).catch((cause: unknown) => {
    throw unusable(path, messageOf(cause), cause)
  })
  if (!found.isFile()) throw unusable(path, 'it is not a file')
}

const unusable = (path: string, why: string, cause?: unknown): Failure =>
  new Failure({
    kind: 'usage',
    what: `cannot look addresses up in ${quotedPath(path)}`,
    why,
    remedy: 'Name a complete, unpacked .mmdb file, or leave the option out.',
    cause,
  })

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const labelOf = (path: string, { metadata: { databaseType, buildEpoch } }: Reader<Response>): string => {
  const built = Number.isNaN(buildEpoch.getTime()) ? 'of unknown age' : `built ${buildEpoch.toISOString().slice(0, 10)}`
  return `${basename(path)} (${String(databaseType)}, ${built})`
}
