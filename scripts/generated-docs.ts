import { renderCliReference } from '../src/cli/render-docs.ts';
import { renderConfigSchema } from '../src/config/schema/json-schema.ts';
import { renderToolsDoc } from '../src/mcp/render-docs.ts';
import { renderErrorsDoc } from './errors-doc.ts';
import { renderHttpApiDoc } from './http-api-doc.ts';

/** Every generated document and what renders it. Written by `npm run docs`, checked by `test/docs.test.ts`. */
export const GENERATED_DOCS: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/cli.md': renderCliReference,
  'docs/errors.md': renderErrorsDoc,
  'docs/http-api.md': renderHttpApiDoc,
  'docs/mcp.config.schema.json': renderConfigSchema,
  'docs/tools.md': renderToolsDoc,
};
