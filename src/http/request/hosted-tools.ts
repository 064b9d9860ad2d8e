import type { JsonValue } from '../../core/json/json.ts';

/** Sources: the types of openai 7 and @anthropic-ai/sdk 1.11, whose versions stand behind the names. */
const HOSTED = /^(?:web_search|web_fetch|code_execution|code_interpreter|image_generation)(?:_preview)?(?:_\d+)*$/;

/**
 * A tool that its vendor runs, and that agents offer beside their own without being asked to. Where the policy for unsupported
 * parameters is `drop`, a request that has other tools goes on without it; one that has no others is about it.
 */
export function isHostedTool(type: JsonValue | undefined): type is string {
  return typeof type === 'string' && HOSTED.test(type);
}
