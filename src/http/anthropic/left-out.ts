import { isJsonObject, type JsonObject } from '../../core/json/json.ts';
import type { UnsupportedParameters } from '../../core/parameters.ts';
import { isHostedTool } from '../request/hosted-tools.ts';
import { fieldsLeftOut } from '../request/unknown-fields.ts';

type Policy = UnsupportedParameters | undefined;

/** What a request goes on without, for the answer's headers to say so. Throws where the policy refuses it. */
export function leftOutOf(body: JsonObject, fields: ReadonlyMap<string, unknown>, policy: Policy): readonly string[] {
  return [...fieldsLeftOut(body, fields, policy), ...toolsLeftOut(body, policy)];
}

/** The places of hosted tools that stand beside others, where the policy leaves them out. */
export function toolsLeftOut({ tools }: JsonObject, policy: Policy): readonly string[] {
  if (policy !== 'drop' || !Array.isArray(tools)) return [];
  const hosted = tools.flatMap((tool, at) => (isJsonObject(tool) && isHostedTool(tool.type) ? [`tools[${at}]`] : []));
  return hosted.length < tools.length ? hosted : [];
}
