/** Requests no tool ever sees: method, parameters, and the code and words of the error, on every transport. */
export const PROTOCOL_ERRORS: readonly [string, object, number, RegExp][] = [
  ['nobody/knows', {}, -32601, /not found/],
  ['tools/call', { name: 'nope', arguments: {} }, -32602, /nope/],
  ['tools/call', { name: 'embed', arguments: { input: 'x' } }, -32602, /embed/],
  ['tools/call', { arguments: {} }, -32602, /"name"/],
  ['tools/call', { name: 'complete', arguments: 'hi' }, -32602, /"arguments" must be an object/],
  [
    'tools/call',
    { name: 'complete', arguments: { prompt: 'x' }, _meta: { progressToken: {} } },
    -32602,
    /progressToken/,
  ],
  ['tools/list', { cursor: {} }, -32602, /^Invalid parameters: "params\.cursor": expected string, received object\.$/],
  ['tools/call', { name: 'complete', arguments: {}, task: 5 }, -32602, /^Invalid parameters: "params\.task"/],
  ['tools/call', { name: 'a\r\nb', arguments: {} }, -32602, /^Tool a b not found$/],
  ['tools/call', { name: 'x'.repeat(100_000), arguments: {} }, -32602, /^Tool x{490,495}…$/],
  [
    'tools/call',
    { name: 'complete', arguments: {}, _meta: { 'io.modelcontextprotocol/related-task': 5 } },
    -32602,
    /"_meta" holds a value of the wrong kind/,
  ],
  ['resources/read', {}, -32602, /"uri"/],
  ['resources/read', { uri: 'signalbox://nothing' }, -32602, /signalbox:\/\/nothing/],
  ['resources/read', { uri: 'signalbox://usage/8d' }, -32602, /periods are today, 24h, 7d, 30d, month, all/],
];
