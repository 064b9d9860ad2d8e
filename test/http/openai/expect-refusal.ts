import { expect } from 'vitest';

/** How a request is refused: 400 unless another status is named. */
export type Refusal = { readonly param: string | null; readonly status?: number; readonly says?: RegExp };

/** The answer is that refusal, in OpenAI's form. */
export async function expectRefusal(response: Response, { param, status = 400, says }: Refusal): Promise<void> {
  const body = (await response.json()) as { readonly error: { readonly message: string } };
  expect(body).toEqual({
    error: { message: expect.any(String), type: expect.any(String), param, code: expect.any(String) },
  });
  expect(response.status).toBe(status);
  if (says) expect(body.error.message).toMatch(says);
}
