import { renderConfigSchema } from '../src/config/json-schema.ts';
import { renderErrorsDoc } from './errors-doc.ts';

/** Every generated document and what renders it. Written by `npm run docs`, checked by `test/docs.test.ts`. */
export const GENERATED_DOCS: Readonly<Record<string, () => string | Promise<string>>> = {
  'docs/errors.md': renderErrorsDoc,
  'docs/mcp.config.schema.json': renderConfigSchema,
};
