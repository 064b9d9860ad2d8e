import { afterEach, describe, expect, it } from 'vitest';
import { failure, model, openGateway } from '../support/gateway.ts';
import { answer, createScriptedProvider } from '../support/scripted-provider.ts';

let open: Awaited<ReturnType<typeof openGateway>> | undefined;
afterEach(async () => {
  await open?.close();
  open = undefined;
});

describe('an answer that is to be any JSON object', () => {
  async function askingForObject(...texts: readonly string[]) {
    const provider = createScriptedProvider('only', (_request, call) => answer(texts[call - 1] ?? texts.at(-1) ?? ''));
    open = await openGateway({ providers: [provider], models: [model('only/m')] });
    return { provider, result: () => open?.ask('Who?', {}, { responseFormat: { type: 'json-object' } }) };
  }

  it('comes parsed, also from the cache', async () => {
    const { result } = await askingForObject('{"name":"Ada"}');
    expect((await result())?.data).toEqual({ name: 'Ada' });
    expect(await result()).toMatchObject({ cache: 'hit', data: { name: 'Ada' } });
  });

  it.each(['no JSON at all', '["a list"]', '"a text"'])('is repaired once when it is %s', async (unfit) => {
    const { result, provider } = await askingForObject(unfit, '{"ok":true}');
    expect((await result())?.data).toEqual({ ok: true });
    expect(JSON.stringify(provider.calls[1]?.request.messages.at(-1))).toContain(
      'not fit the JSON object that was asked',
    );
  });

  it('fails when the repair is of no use either', async () => {
    const { result } = await askingForObject('no', 'still no');
    const error = await failure(Promise.resolve(result()));
    expect(error.attempts).toMatchObject([{ error: 'malformed_response' }, { error: 'malformed_response' }]);
  });
});
