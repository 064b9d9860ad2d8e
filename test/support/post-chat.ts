/** A chat request to a running service, as any HTTP client would send it. */
export function postChat(
  { url, token }: { readonly url: string; readonly token: string },
  prompt: string,
  more: object = {},
  { headers = {}, signal }: { readonly headers?: Readonly<Record<string, string>>; readonly signal?: AbortSignal } = {},
): Promise<Response> {
  return fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'auto', messages: [{ role: 'user', content: prompt }], ...more }),
    ...(signal && { signal }),
  });
}
