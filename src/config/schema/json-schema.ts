import * as z from 'zod';
import { configSchema } from './config-schema.ts';

/** The JSON Schema of `mcp.config.json` as editors use it, written to `docs/mcp.config.schema.json`. */
export function renderConfigSchema(): string {
  return `${JSON.stringify(configJsonSchema(), null, 2)}\n`;
}

/** Of what people write: defaults are optional, and not yet filled in. */
export function configJsonSchema(): z.core.JSONSchema.JSONSchema {
  return {
    ...z.toJSONSchema(configSchema, { io: 'input' }),
    title: 'Signalbox configuration',
    description: 'mcp.config.json of Signalbox. Comments and trailing commas are allowed.',
  };
}
