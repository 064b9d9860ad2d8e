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
      if (!hasLongNames(request)) return complete(request, context);
      const names = new ShortNames(request);
      return restored(await complete(shortened(request, names), context), names);
    },
    ...(stream && {
      stream(request, context) {
        if (!hasLongNames(request)) return stream(request, context);
        const names = new ShortNames(request);
        return restoring(stream(shortened(request, names), context), names);
      },
    }),
  };
}

function hasLongNames({ tools = [], messages }: ProviderRequest): boolean {
  const calls = messages.some(
    ({ role, content }) =>
      role === 'assistant' && content.some((part) => part.type === 'tool-call' && isLong(part.name)),
  );
  return calls || tools.some(({ name }) => isLong(name));
}

function isLong(name: string): boolean {
  return name.length > NAME_CHARS_MAX;
}

/** The names of one request that are too long, and those in their places. A long conversation calls by the same ones again and again. */
class ShortNames {
  readonly #taken: ReadonlySet<string>;
  readonly #shortOf = new Map<string, string>();
  readonly #givenOf = new Map<string, string>();

  constructor({ tools = [] }: ProviderRequest) {
    this.#taken = new Set(tools.map(({ name }) => name));
  }

  readonly shorten = (name: string): string => {
    if (!isLong(name)) return name;
    const known = this.#shortOf.get(name);
    if (known !== undefined) return known;
    let short = shortName(name);
    // A tool that is really called so keeps its name, and its calls.
    for (let text = name; this.#taken.has(short); short = shortName(name, text)) text += '_';
    this.#shortOf.set(name, short);
    this.#givenOf.set(short, name);
    return short;
  };

  given(short: string): string | undefined {
    return this.#givenOf.get(short);
  }
}

function shortName(name: string, digested = name): string {
  const digest = createHash('sha256').update(digested).digest('hex').slice(0, DIGEST_CHARS);
  return `${name.slice(0, NAME_CHARS_MAX - DIGEST_CHARS - 1)}_${digest}`;
}

function shortened(request: ProviderRequest, { shorten }: ShortNames): ProviderRequest {
  const { tools, toolChoice, messages } = request;
  return {
    ...request,
    messages: messages.map((message) => withShortNames(message, shorten)),
    ...(tools && { tools: tools.map((tool) => ({ ...tool, name: shorten(tool.name) })) }),
    ...(typeof toolChoice === 'object' && { toolChoice: { name: shorten(toolChoice.name) } }),
  };
}

function withShortNames(message: Message, shorten: ShortNames['shorten']): Message {
  if (message.role === 'tool') {
    const content = message.content.map((part) => {
      return { ...part, toolName: shorten(part.toolName), text: withOffersOf(part.text, shorten) };
    });
    return { ...message, content };
  }
  if (message.role !== 'assistant') return message;
  const content = message.content.map((part) =>
    part.type === 'tool-call' ? { ...part, name: shorten(part.name) } : part,
  );
  return { ...message, content };
}

function restored(completion: Completion, names: ShortNames): Completion {
  const restore = <Any extends Choice>(choice: Any): Any => ({
    ...choice,
    content: choice.content.map((part) => (part.type === 'tool-call' ? withGivenName(part, names) : part)),
  });
  const { alternatives } = completion;
  return { ...restore(completion), ...(alternatives && { alternatives: alternatives.map(restore) }) };
}

async function* restoring(parts: AsyncIterable<StreamPart>, names: ShortNames): AsyncGenerator<StreamPart> {
  for await (const part of parts) {
    yield part.type === 'tool-call' || part.type === 'tool-call-delta' ? withGivenName(part, names) : part;
  }
}

function withGivenName<Part extends { readonly name: string }>(part: Part, names: ShortNames): Part {
  const name = names.given(part.name);
  return name === undefined ? part : { ...part, name };
}
