/** Sees one request on its way. */
export interface WireWatch {
  readonly needsNewConnection?: boolean | undefined;
  /** So many values its answer may hold; absent: as many as any other JSON. */
  readonly jsonValuesMax?: number | undefined;
  /** Once, when the first bytes leave on a connected socket. */
  onSent(): void;
  /** Bytes of the answer came, of whatever kind. */
  onActivity(): void;
  onHeaders(headers: Headers): void;
  /** The body, decompressed. */
  onBytes(chunk: Uint8Array): void;
  /** The body ended as announced. */
  onEnd(): void;
}
