/** A body's bytes on their way to an SDK that reads its vendor's framing carelessly. */
export type BodyGuard = (body: ReadableStream<Uint8Array>) => ReadableStream<Uint8Array>;

/** A fetch whose answers pass the guard before the SDK sees them. */
export function guardedFetch(wire: typeof fetch, guard: BodyGuard): typeof fetch {
  return async (input, init) => {
    const response = await wire(input, init);
    const { status, headers, body } = response;
    return body ? new Response(guard(body), { status, headers }) : response;
  };
}
