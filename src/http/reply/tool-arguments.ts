/** Clients parse the arguments, and nothing is no JSON. White space before it is left out, whole and in pieces: it could be all there is. */
export function toArguments(argumentsJson: string): string {
  return argumentsJson.trimStart() || '{}';
}

/** The next piece of arguments, of which `sent` went out. */
export function toArgumentsPiece(sent: { readonly length: number }, piece: string): string {
  return sent.length === 0 ? piece.trimStart() : piece;
}
