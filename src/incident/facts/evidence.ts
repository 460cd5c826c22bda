/** A file kept as evidence: its path inside the incident's directory, its SHA-256 (hex) and its size in bytes. */
export interface EvidenceRef {
  readonly file: string
  readonly sha256: string
  readonly bytes: number
}
