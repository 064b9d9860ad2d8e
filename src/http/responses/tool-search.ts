import { offerOf } from '../../core/content/tool-offer.ts';
import type { JsonObject } from '../../core/json/json.ts';
import type { ToolDefinition } from '../../core/message.ts';
import { readToolSchema } from '../request/read-tool-schema.ts';
import { readChoice, readText, refuseUnknown } from '../request/read-value.ts';
import type { OwnTool } from './own-tool.ts';

const SEARCH_FIELDS = new Set(['type', 'execution', 'description', 'parameters']);

/** What the model calls when it looks for tools. */
export const SEARCH_NAME = 'tool_search';

/** Who looks for tools that are deferred. */
export type Searcher = 'client' | 'server';

/**
 * A `tool_search`. One that the client runs is to every model a function, whose calls and outputs are items of their own.
 * OpenAI's own is no tool here: nothing is left to find where all tools are offered from the start.
 */
export function readToolSearch(tool: JsonObject, place: string): { searcher: Searcher; tool?: OwnTool } {
  refuseUnknown(tool, SEARCH_FIELDS, place);
  const { description, parameters } = tool;
  const searcher = readSearcher(tool, place);
  if (searcher === 'server') return { searcher };
  const definition: ToolDefinition = {
    name: SEARCH_NAME,
    ...(description != null && { description: readText(description, `${place}.description`) }),
    inputSchema: readToolSchema(parameters, `${place}.parameters`),
  };
  return { searcher, tool: { definition, called: { name: SEARCH_NAME, kind: 'search' }, place, isDeferred: false } };
}

/** Who ran, or is to run, a search; it is OpenAI where nothing is said. */
export function readSearcher({ execution }: JsonObject, place: string): Searcher {
  return execution == null ? 'server' : readChoice(execution, `${place}.execution`, ['client', 'server']);
}

/** What the model is told of a search's end. No vendor takes tools as a result. */
export function describeFound(tools: readonly OwnTool[]): string {
  if (tools.length === 0) return 'No tools were found.';
  return tools.map(({ definition }) => offerOf(definition.name)).join('\n');
}
