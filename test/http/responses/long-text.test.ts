import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { createCallId } from '../../../src/core/ids.ts';
import { ChatStreamEncoder } from '../../../src/http/openai/chat-stream-encoder.ts';
import type { ContentPart } from '../../../src/http/reply/stream-encoder.ts';
import { ResponsesEncoder } from '../../../src/http/responses/responses-encoder.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');
const ECHO = { fields: {}, carriesState: false, showsSummary: true };
const PARTS: Readonly<Record<string, (text: string) => ContentPart>> = {
  text: (text) => ({ type: 'text-delta', text }),
  reasoning: (text) => ({ type: 'reasoning-delta', text }),
  'tool arguments': (argumentsText) => ({ type: 'tool-call-delta', id: 'call_1', name: 'write', argumentsText }),
};
const MODEL = 'openai/gpt-test';
const ENCODERS = {
  Responses: () => new ResponsesEncoder(ECHO, { requestId: 'r', model: MODEL, createdAtS: 1, nowMs: () => 1 }),
  'chat completions': () =>
    new ChatStreamEncoder({
      ...{ requestId: createCallId(1), model: MODEL, createdAtMs: 1 },
      ...{ includeUsage: false, customTools: new Set() },
    }),
};

describe.each(Object.entries(ENCODERS))('a long answer of %s takes little beyond its text', (_name, create) => {
  test.each(Object.entries(PARTS))('%s', (_type, toPart) => {
    const encoder = create();
    collectGarbage();
    const before = process.memoryUsage().heapUsed;
    for (let at = 0; at < 100_000; at += 1) encoder.part(toPart(`word${at % 10}`));
    collectGarbage();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(1_500_000);
    expect(encoder.part(toPart('end'))).toContain('end');
  });
});
