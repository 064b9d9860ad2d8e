import type { ProviderKind } from '../../../src/core/model.ts';
import type { ScriptedUsage } from '../../../src/demo/vendors/scripted.ts';
import type { FakeUpstream } from '../fake-upstream.ts';

/** A simulated vendor and the name that Signalbox has for it. */
export type BookedVendor = { readonly id: string; readonly kind: ProviderKind; readonly upstream: FakeUpstream };

/** One call in a vendor's own books. */
export type VendorEntry = {
  readonly provider: string;
  readonly model: string;
  readonly key: string;
  /** Which piece of work it belongs to; empty when the prompt carries no tag. */
  readonly tag: string;
  /** The vendor's own id of the call, where it has one. */
  readonly id?: string;
  /** The answer left whole, with its end: what the vendor bills. */
  readonly billed?: ScriptedUsage;
  /** What it would bill, if all of it left before the connection broke. */
  readonly perhapsBilled?: ScriptedUsage;
  /** The vendor said no, by a status or in a stream before any content. */
  readonly refused: boolean;
};

const TAG = /#(t[\w.-]+)#/;

/** How a prompt carries the tag of its work to the vendor. */
export function taggedPrompt(tag: string, text: string): string {
  return `#${tag}# ${text}`;
}

/** The tag in a prompt; empty without one. */
export function tagIn(text: string): string {
  return TAG.exec(text)?.[1] ?? '';
}

/** Every paid call that the vendors received, whatever became of it. */
export function readVendorBooks(vendors: readonly BookedVendor[]): readonly VendorEntry[] {
  return vendors.flatMap(({ id: provider, kind, upstream }) =>
    upstream.requests.flatMap((request) => {
      const { call, outcome, status = 0 } = request;
      if (!call || call.type === 'models') return [];
      const { fault, say } = upstream.stepOf(request);
      const usage = say && 'usage' in say ? say.usage : undefined;
      const isWhole = outcome === 'answered' && status < 300 && fault === undefined;
      const id = hasBookableIds(kind, call.type) ? upstream.idOf(request) : undefined;
      return {
        provider,
        model: `${provider}/${call.model}`,
        key: call.key ?? NO_KEY,
        tag: tagIn(call.type === 'chat' ? call.transcript : call.input.join(' ')),
        ...(id !== undefined && { id }),
        ...(isWhole && request.usage && { billed: asReported(kind, request.usage) }),
        ...(fault && usage && { perhapsBilled: asReported(kind, usage) }),
        refused: status >= 300 || fault?.type === 'error-event',
      };
    }),
  );
}

/** As the books call it. */
const NO_KEY = '-none';

/** Ollama's calls have no ids, and those of embeddings are not kept. */
function hasBookableIds(kind: ProviderKind, type: 'chat' | 'embed'): boolean {
  return kind !== 'ollama' && type === 'chat';
}

/** What the vendor's wire can say of a usage: Ollama has one count for all input and one for all output. */
function asReported(kind: ProviderKind, usage: ScriptedUsage): ScriptedUsage {
  if (kind !== 'ollama') return usage;
  const { inputTokens, cachedInputTokens, cacheWriteTokens } = usage;
  return {
    ...usage,
    inputTokens: inputTokens + cachedInputTokens + cacheWriteTokens,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
  };
}
