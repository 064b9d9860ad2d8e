import type { TextBlockParam, ToolReferenceBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { offeredBy } from '../../core/content/tool-offer.ts';
import type { DeclaredTool } from '../../core/message.ts';
import type { ProviderRequest } from '../../core/provider.ts';
import type { TurnRules } from './turn-rules.ts';

/** The tools to declare where the vendor keeps deferred ones from its model; it wants one at least that is not. */
export function declaredFor(
  { declaredTools }: ProviderRequest,
  { defersTools }: TurnRules,
): readonly DeclaredTool[] | undefined {
  return defersTools && declaredTools?.some(({ isDeferred }) => !isDeferred) ? declaredTools : undefined;
}

/** The names of those that are deferred. */
export function deferredNames(declared: readonly DeclaredTool[] = []): ReadonlySet<string> {
  return new Set(declared.flatMap(({ definition, isDeferred }) => (isDeferred ? [definition.name] : [])));
}

/** A result with references in place of the words that offer deferred tools; undefined where there are none. */
export function withReferences(
  text: string,
  deferred: ReadonlySet<string>,
): readonly (TextBlockParam | ToolReferenceBlockParam)[] | undefined {
  if (deferred.size === 0) return undefined;
  const blocks: (TextBlockParam | ToolReferenceBlockParam)[] = [];
  let said: string[] = [];
  const endText = () => {
    const words = said.join('\n');
    if (words.trim() !== '') blocks.push({ type: 'text', text: words });
    said = [];
  };
  let found = false;
  for (const line of text.split('\n')) {
    const name = offeredBy(line);
    if (name === undefined || !deferred.has(name)) {
      said.push(line);
      continue;
    }
    endText();
    found = true;
    blocks.push({ type: 'tool_reference', tool_name: name });
  }
  endText();
  return found ? blocks : undefined;
}
