import { Failure } from './failure.ts'
import { notUtf8 } from './json-fault.ts'

const FOREIGN: readonly (readonly [start: readonly number[], what: string, remedy: string])[] = [
  [[0xff, 0xfe], 'UTF-16', 'Save the file as UTF-8; in PowerShell: Set-Content -Encoding utf8.'],
  [[0xfe, 0xff], 'UTF-16', 'Save the file as UTF-8.'],
  [[0x7b, 0x00], 'UTF-16', 'Save the file as UTF-8; in PowerShell: Set-Content -Encoding utf8.'],
  [[0x5b, 0x00], 'UTF-16', 'Save the file as UTF-8; in PowerShell: Set-Content -Encoding utf8.'],
  [[0x00, 0x7b], 'UTF-16', 'Save the file as UTF-8.'],
  [[0x00, 0x5b], 'UTF-16', 'Save the file as UTF-8.'],
  [[0x1f, 0x8b], 'compressed with gzip', 'Unpack it first, with gunzip.'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive', 'Unpack it first, with unzip.'],
]

/** Refuses, with a hint, what is recognisably not UTF-8: UTF-16, gzip and zip. Throws a Failure of kind 'usage'. */
export const refuseForeign = (bytes: Uint8Array, name: string): void => {
  const found = FOREIGN.find(([start]) => start.every((byte, index) => bytes[index] === byte))
  if (found) throw new Failure({ kind: 'usage', what: `${name} is ${found[1]}, not UTF-8 text`, remedy: found[2] })
}

const decodes = (bytes: Uint8Array): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

/** How many bytes can be read before a byte that is wrong whatever follows it; all of them when only the end is missing. */
const readable = (bytes: Uint8Array): number => {
  let good = 0
  let bad = bytes.length + 1
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (decodes(bytes.subarray(0, middle))) good = middle
    else bad = middle
  }
  return good
}

/** Why bytes that failed to decode are no UTF-8, and where. */
export const badBytes = (bytes: Uint8Array, name: string): Failure => {
  const end = readable(bytes)
  const valid = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, end), { stream: true })
  const byte = bytes[end]
  return notUtf8(
    name,
    valid,
    byte === undefined
      ? 'the file ends in the middle of a character'
      : `there are bytes that belong to no character (0x${byte.toString(16).padStart(2, '0')})`,
  )
}
