import { createHash } from 'node:crypto';
import type { Choice, Completion, StreamPart } from '../../../core/completion.ts';
import { withOffersOf } from '../../../core/content/tool-offer.ts';
import type { Message } from '../../../core/message.ts';
import type { Provider, ProviderRequest } from '../../../core/provider.ts';

/** Of OpenAI's, Groq's and Gemini's functions. Anthropic's tools have twice as many, and MCP's names in Claude Code need them. */
const NAME_CHARS_MAX = 64;
/** Of a digest, in hex: enough to tell apart the tools of one request. */
const DIGEST_CHARS = 8;

/**
 * The same provider for tools with longer names than its vendor takes: these get shorter ones on the way there, the same in each
 * request, and are themselves again in the answer.
 */
export function withShortToolNames({ complete, stream, ...rest }: Provider): Provider {
  return {
    ...rest,
    async complete(request, context) {
      const given = longNamesIn(request);
      if (!given) return complete(request, context);
      return restored(await complete(shortened(request), context), given);
    },
    ...(stream && {
      stream(request, context) {
        const given = longNamesIn(request);
        return given ? restoring(stream(shortened(request), context), given) : stream(request, context);
      },
    }),
  };
}

/** Each name that is too long, by the one in its place. */
type GivenNames = ReadonlyMap<string, string>;

function longNamesIn({ tools = [], messages }: ProviderRequest): GivenNames | undefined {
  let given: Map<string, string> | undefined;
  const note = ({ name }: { readonly name: string }) => {
    if (name.length > NAME_CHARS_MAX) given = (given ?? new Map<string, string>()).set(shortName(name), name);
  };
  for (const tool of tools) note(tool);
  for (const { role, content } of messages) {
    if (role !== 'assistant') continue;
    for (const part of content) if (part.type === 'tool-call') note(part);
  }
  return given;
}

function shortName(name: string): string {
  if (name.length <= NAME_CHARS_MAX) return name;
  const digest = createHash('sha256').update(name).digest('hex').slice(0, DIGEST_CHARS);
  return `${name.slice(0, NAME_CHARS_MAX - DIGEST_CHARS - 1)}_${digest}`;
}

function shortened(request: ProviderRequest): ProviderRequest {
  const { tools, toolChoice, messages } = request;
  return {
    ...request,
    messages: messages.map(withShortNames),
    ...(tools && { tools: tools.map((tool) => ({ ...tool, name: shortName(tool.name) })) }),
    ...(typeof toolChoice === 'object' && { toolChoice: { name: shortName(toolChoice.name) } }),
  };
}

function withShortNames(message: Message): Message {
  if (message.role === 'tool') {
    const content = message.content.map((part) => {
      return { ...part, toolName: shortName(part.toolName), text: withOffersOf(part.text, shortName) };
    });
    return { ...message, content };
  }
  if (message.role !== 'assistant') return message;
  const content = message.content.map((part) =>
    part.type === 'tool-call' ? { ...part, name: shortName(part.name) } : part,
  );
  return { ...message, content };
}

function restored(completion: Completion, given: GivenNames): Completion {
  const restore = <Any extends Choice>(choice: Any): Any => ({
    ...choice,
    content: choice.content.map((part) => (part.type === 'tool-call' ? withGivenName(part, given) : part)),
  });
  const { alternatives } = completion;
  return { ...restore(completion), ...(alternatives && { alternatives: alternatives.map(restore) }) };
}

async function* restoring(parts: AsyncIterable<StreamPart>, given: GivenNames): AsyncGenerator<StreamPart> {
  for await (const part of parts) {
    yield part.type === 'tool-call' || part.type === 'tool-call-delta' ? withGivenName(part, given) : part;
  }
}

function withGivenName<Part extends { readonly name: string }>(part: Part, given: GivenNames): Part {
  const name = given.get(part.name);
  return name === undefined ? part : { ...part, name };
}
