type Headers = readonly (readonly [string, string])[];

/** A successful answer as one text: its headers as a line of JSON, then the body. */
export function toKeptText(headers: Headers, body: string): string {
  return `${JSON.stringify(headers)}\n${body}`;
}

export function fromKeptText(text: string): { readonly headers: Headers; readonly body: string } {
  const end = text.indexOf('\n');
  return { headers: JSON.parse(text.slice(0, end)) as Headers, body: text.slice(end + 1) };
}
