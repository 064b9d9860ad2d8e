import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createService, type Service, type ServiceOptions } from '../../src/app/service.ts';
import { type App, createApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import type { RequestRecord } from '../../src/core/books.ts';
import type { ProviderKind } from '../../src/core/model.ts';
import { TIERS } from '../../src/core/request.ts';
import { ANTHROPIC_WIRE } from '../../src/demo/vendors/anthropic.ts';
import { GEMINI_WIRE } from '../../src/demo/vendors/gemini.ts';
import { GROQ_WIRE } from '../../src/demo/vendors/groq.ts';
import { OLLAMA_WIRE } from '../../src/demo/vendors/ollama.ts';
import { OPENAI_COMPATIBLE_WIRE, OPENAI_WIRE } from '../../src/demo/vendors/openai.ts';
import type { VendorWire } from '../../src/demo/vendors/vendor-wire.ts';
import type { FakeUpstream } from '../support/fake-upstream.ts';

export const WIRES: Readonly<Record<ProviderKind, VendorWire>> = {
  openai: OPENAI_WIRE,
  anthropic: ANTHROPIC_WIRE,
  gemini: GEMINI_WIRE,
  groq: GROQ_WIRE,
  ollama: OLLAMA_WIRE,
  'openai-compatible': OPENAI_COMPATIBLE_WIRE,
};

export const MODEL = 'model-under-test';
/** Nothing Signalbox writes anywhere may ever hold it. */
export const CANARY = 'canary+7Qx/9fT2mWzR4bK8vN1';

export type Upstream = { readonly id: string; readonly upstream: FakeUpstream; readonly kind: ProviderKind };

/** A folder with a configuration in which every tier asks these upstreams in order, at 1 $ in and 2 $ out. */
export function createWorkplace(upstreams: readonly Upstream[], more: object = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-e2e-'));
  const refs = upstreams.map(({ id }) => `${id}/${MODEL}`);
  const price = { inputPerMTok: 1, outputPerMTok: 2 };
  const config = {
    dataDir: join(folder, 'data'),
    providers: Object.fromEntries(
      upstreams.map(({ id, kind, upstream }) => [id, { kind, baseUrl: upstream.baseUrl, apiKey: CANARY }]),
    ),
    models: Object.fromEntries(refs.map((ref) => [ref, { price, contextTokens: 32_768 }])),
    routing: { tiers: Object.fromEntries(TIERS.map((tier) => [tier, refs])) },
    ...more,
  };
  const configPath = join(folder, 'mcp.config.json');
  writeFileSync(configPath, JSON.stringify(config));
  return {
    folder,
    configPath,
    dataDir: config.dataDir,
    async open(env: Readonly<Record<string, string>> = {}): Promise<App> {
      return createApp(await loadConfig({ configPath, env, cwd: folder, homeDir: folder }));
    },
    /** The latest requests, once more from the disk. */
    async books(limit = 100): Promise<readonly RequestRecord[]> {
      const app = await this.open();
      const log = await app.gateway.requestLog({ limit });
      await app.close();
      return log;
    },
    async openService(options?: ServiceOptions): Promise<Service> {
      const loaded = await loadConfig({ configPath, env: {}, cwd: folder, homeDir: folder });
      // Quiet: a line for each request helps no test.
      return createService({ ...loaded, log: { level: 'error', ...loaded.log } }, options);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
