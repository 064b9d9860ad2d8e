import { MESSAGE_FIELDS, NOT_COUNTED } from '../src/http/anthropic/fields.ts';
import { CHAT_FIELDS } from '../src/http/openai/chat-fields.ts';
import { EMBEDDING_FIELDS } from '../src/http/openai/embedding-fields.ts';
import { RESPONSES_FIELDS } from '../src/http/responses/responses-fields.ts';
import { ROUTES } from '../src/http/routes.ts';

type FieldNotes = ReadonlyMap<string, { readonly treatment: string; readonly note: string }>;

const REQUESTS: Readonly<Record<string, FieldNotes>> = {
  'POST /v1/chat/completions': CHAT_FIELDS,
  'POST /v1/responses': RESPONSES_FIELDS,
  'POST /v1/embeddings': EMBEDDING_FIELDS,
  'POST /v1/messages': MESSAGE_FIELDS,
};

/** `docs/http-api.md`, from the routes and from the tables requests are read by. */
export function renderHttpApiDoc(): string {
  const endpoints = ROUTES.map(({ method, path, dialect, access }) => [
    `\`${method} ${path}\``,
    dialect === 'plain' ? '' : dialect,
    access === 'token' ? 'required' : '',
  ]);
  return `# HTTP API

Generated from \`src/http\` by \`npm run docs\`.

${table(['Endpoint', 'Errors in the words of', 'Token'], endpoints)}

A slash at the end of a path is overlooked. What is refused before there is an endpoint (an unknown path, another method, a foreign origin) is refused
in Anthropic's words where the path begins with \`/v1/messages\` or the request has a header \`anthropic-version\` or \`x-api-key\`, else under \`/v1\` in OpenAI's.
With \`anthropic-version\`, OpenAI's endpoints speak of errors and models as Anthropic does.

A request says which model it wants: \`auto\` (the router chooses), \`auto:<strategy>\`, \`tier:<tier>\`, \`provider/model\` or a
bare known id. The headers \`x-signalbox-tier\`, \`-task\`, \`-strategy\`, \`-provider\`, \`-cache\` (\`use\`, \`refresh\`, \`off\`) and
\`-max-cost-usd\` say more about the routing. Answers carry \`x-signalbox-request-id\`, \`-model\`, \`-tier\`, \`-cache\`, \`-cost-usd\`,
\`-attempts\`, \`-dropped-parameters\` when something was left out, \`-output-cut\` (tokens) when a budget had no more left for the
answer, \`-estimated\` with counted tokens, and \`-verification\` (\`passed\`, \`escalated\`, \`kept\`) when \`routing.verify\` checked the answer: a stream
is then sent whole, once it is known. \`docs/errors.md\` lists the errors. The id of a request stands where each client looks for it as
well: in \`x-request-id\` (OpenAI's) and in \`request-id\` (Anthropic's). One that was refused before it was a call (an unknown token, a
faulty field) has an id too, which is not in the books: the log tells of it at the level \`debug\`; only one of a
crowd that overloads the service has none. An error says with \`Retry-After\` when to come
back, and with \`x-should-retry: false\` that the client's library should not: because it does not help, or takes more than a minute.
The \`code\` over OpenAI's API is ours, but for \`previous_response_not_found\`, by which VS Code's chat knows to send the whole conversation.

Of an answer, text, refusals, reasoning and tool calls are passed on. What a model adds by itself beyond those is left out: citations
and search results, images and sound (an answer of these alone is an error), code that it ran at its provider. JSON that was asked for comes without the
fence that some models put around it, streamed too; thoughts between \`<think>\` tags before it are told as reasoning. In other answers such tags
stay as they are: some models want their thoughts back as they wrote them.

A POST may carry an \`Idempotency-Key\` (1 to 255 characters). The same request (path, body and \`x-signalbox-*\` headers) of the
same tenant under the same key is paid once and answered alike for 24 hours, whole or streamed, with \`idempotent-replayed: true\`: from
every process of the data folder, and after a restart. Another request under it is a 422, one that is still being answered a 409 to be
sent again in a second. A failure frees the key; a process that was killed, once the request's deadline and a minute have passed. An
answer of more than 8 MB is not kept: asking again is a 409 with \`x-should-retry: false\`. Of MCP's paid tools
\`metadata.idempotency_key\` does the same.

What becomes of a field:

- \`used\`: it counts. A parameter that no candidate can honour is handled as \`routing.unsupportedParameters\` says: the request
  is refused (\`reject\`, the default), or the parameter is left out and named in the answer's headers (\`drop\`).
- \`accepted\`: harmless and without effect.
- \`by policy\`: no model is told of it; \`routing.unsupportedParameters\` decides as above.
- \`refused\`: a 400 that names the field and what to do instead.

A field of a body that is in no table is refused, with the nearest known name, or with \`drop\` left out and named; one within another
is refused. \`null\` counts as absent.

A body is JSON, with a byte order mark or without, and as long as \`server.bodyBytesMax\` allows. It has at most 1,500,000 values, 10,000 members in
one object and 250,000 in all, so that none holds up the others; the arguments of its tool calls may have as many again. An answer that leaves before a
body of more than 1 MiB, or of a length that was not announced, has come (a 401, a 413) says \`Connection: close\`, and the connection ends.

${Object.entries(REQUESTS)
  .map(([endpoint, fields]) => `## ${endpoint}\n\n${fieldTable(fields)}\n`)
  .join('\n')}
## POST /v1/messages/count_tokens

The fields of \`/v1/messages\`, but for those that say how to answer: ${NOT_COUNTED.map((field) => `\`${field}\``).join(', ')} are unknown
here, as they are at Anthropic. The count is an estimate, the same for every model.
`;
}

function fieldTable(fields: FieldNotes): string {
  const rows = [...fields].map(([field, { treatment, note }]) => [`\`${field}\``, treatment, note]);
  return table(['Field', 'Treatment', 'Notes'], rows);
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  return [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
