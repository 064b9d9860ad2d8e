import type { UnsupportedParameters } from '../../core/parameters.ts';
import { addUnsupported } from '../openai/shared/field-rules.ts';
import { invalidField } from '../request/read-value.ts';
import { LEAVE_OUT } from '../request/unknown-fields.ts';
import type { CalledTool } from './called-tool.ts';
import { notOwn, type OwnTool } from './own-tool.ts';
import type { ToolList } from './read-tools.ts';
import type { ResponsesDraft } from './responses-draft.ts';

/** So many a model may know at once. */
const TOOLS_MAX = 128;

/** The tools of a request, and those that its input adds: the last of a name counts. */
export function settleTools(draft: ResponsesDraft, policy: UnsupportedParameters): void {
  const { declared, added = [] } = draft;
  const lists = [...(declared ? [declared] : []), ...added];
  if (lists.length === 0) return;
  const offered = offeredOf(lists);
  if (offered.size > TOOLS_MAX) {
    const isDeclared = (declared?.tools.length ?? 0) > TOOLS_MAX;
    if (isDeclared) throw invalidField('tools', `must hold at most ${TOOLS_MAX} tools`);
    throw invalidField('input', `must not add more than ${TOOLS_MAX} tools in all`);
  }
  for (const { type, place, isPast } of lists.flatMap(({ hosted }) => hosted)) {
    if (offered.size === 0 && !isPast) throw notOwn(type, place);
    if (policy === 'reject') throw notOwn(type, place, LEAVE_OUT);
    addUnsupported(draft, place);
  }
  const known = [...offered.values()];
  draft.tools = known.map(({ definition }) => definition);
  if (known.some(({ isFound }) => isFound)) {
    draft.declaredTools = known.map(({ definition, isFound = false }) => ({ definition, isDeferred: isFound }));
  }
  draft.called = calledOf(offered);
}

/** By its name, each tool that the model knows at the end of the conversation. */
function offeredOf(lists: readonly ToolList[]): ReadonlyMap<string, OwnTool> {
  const searchers = new Set(lists.map(({ searcher }) => searcher));
  const offered = new Map<string, OwnTool>();
  for (const tool of lists.flatMap(({ tools }) => tools)) {
    const { definition, isDeferred, place } = tool;
    if (isDeferred && !searchers.has('client') && !searchers.has('server')) {
      throw invalidField(
        `${place}.defer_loading`,
        'must be false or left out',
        'It goes with a "tool_search" in "tools".',
      );
    }
    if (isDeferred && !searchers.has('server') && !offered.has(definition.name)) continue;
    offered.set(definition.name, tool);
  }
  return offered;
}

function calledOf(offered: ReadonlyMap<string, OwnTool>): ReadonlyMap<string, CalledTool> {
  return new Map([...offered].flatMap(([name, { called }]) => (called ? [[name, called] as const] : [])));
}

/** Refuses a choice of what is not offered, and narrows the tools to the allowed ones. */
export function applyToolChoice(draft: ResponsesDraft): void {
  const { tools = [], toolChoice, allowedTools } = draft;
  const names = new Set(tools.map(({ name }) => name));
  if (tools.length === 0 && toolChoice !== undefined && toolChoice !== 'none' && toolChoice !== 'auto') {
    throw invalidField('tool_choice', 'asks for a call, but there are no "tools"');
  }
  const wanted = typeof toolChoice === 'object' ? [toolChoice.name] : [...(allowedTools ?? [])];
  const missing = wanted.find((name) => !names.has(name));
  if (missing !== undefined) throw invalidField('tool_choice', `names "${missing}", which is not among "tools"`);
  if (allowedTools) {
    draft.tools = tools.filter(({ name }) => allowedTools.has(name));
    delete draft.declaredTools;
  }
  if (tools.length === 0) {
    delete draft.tools;
    delete draft.toolChoice;
  }
}
