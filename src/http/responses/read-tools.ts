import type { JsonObject, JsonValue } from '../../core/json/json.ts';
import { isHostedTool } from '../request/hosted-tools.ts';
import { invalidField, readObjects } from '../request/read-value.ts';
import { DECLARED_MAX, type OwnTool, readNamespace, readOwnTool } from './own-tool.ts';
import { readToolSearch, type Searcher } from './tool-search.ts';

type Hosted = { readonly type: string; readonly place: string; readonly isPast?: true };

/** A list of tools, as one place of a request has it. */
export type ToolList = {
  readonly tools: readonly OwnTool[];
  /** What only its vendor could run, or has run. */
  readonly hosted: readonly Hosted[];
  /** Who looks for those that are deferred. */
  readonly searcher?: Searcher;
};

/** Functions and custom tools of `tools`. An empty list is none: agent frameworks send it with every request. */
export function readTools(value: JsonValue, field: string): ToolList {
  const tools: OwnTool[] = [];
  const hosted: Hosted[] = [];
  let searcher: Searcher | undefined;
  readObjects(value, field, { max: DECLARED_MAX }, (tool: JsonObject, place) => {
    if (tool.type === 'namespace') tools.push(...readNamespace(tool, place));
    else if (tool.type === 'tool_search') {
      const search = readToolSearch(tool, place);
      searcher = search.searcher;
      if (search.tool) tools.push(search.tool);
    } else if (isHostedTool(tool.type)) hosted.push({ type: tool.type, place });
    else tools.push(readOwnTool(tool, place));
    if (tools.length > DECLARED_MAX) throw invalidField(field, `must hold at most ${DECLARED_MAX} tools`);
  });
  const names = new Set<string>();
  for (const { definition, place } of tools) {
    if (names.has(definition.name)) {
      throw invalidField(`${place}.name`, `is "${definition.name}", the name of an earlier tool`);
    }
    names.add(definition.name);
  }
  return { tools, hosted, ...(searcher && { searcher }) };
}
