import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport as LegacyTransportType } from '@modelcontextprotocol/sdk/shared/transport.js';
import { expect, it } from 'vitest';
import { startMcp } from './start-mcp.ts';

const INFO = { name: 'login-test', version: '1.0.0' };

/** What a client has that lets its person log in where it is asked to. */
function personWhoWouldLogIn() {
  const shown: URL[] = [];
  const provider = {
    redirectUrl: 'http://127.0.0.1:1/callback',
    clientMetadata: { redirect_uris: ['http://127.0.0.1:1/callback'] },
    clientInformation: () => undefined,
    saveClientInformation: () => {},
    tokens: () => undefined,
    saveTokens: () => {},
    redirectToAuthorization: (page: URL) => void shown.push(page),
    saveCodeVerifier: () => {},
    codeVerifier: () => '',
  };
  return { provider, shown };
}

type Login = ReturnType<typeof personWhoWouldLogIn>['provider'];

it.each<[string, (url: URL, authProvider: Login) => Promise<void>]>([
  [
    'SDK 2',
    (url, authProvider) =>
      new Client(INFO, { versionNegotiation: { mode: 'auto' } }).connect(
        new StreamableHTTPClientTransport(url, { authProvider }),
      ),
  ],
  [
    'SDK 1',
    (url, authProvider) =>
      new LegacyClient(INFO).connect(new LegacyTransport(url, { authProvider }) as LegacyTransportType),
  ],
])('%s: a client that would log in says that a token is needed, and opens no page', async (_sdk, connect) => {
  const { url } = await startMcp();
  const { provider, shown } = personWhoWouldLogIn();
  const failure: Error = await connect(new URL(url), provider).then(Promise.reject, (error) => error);
  expect(failure.message).toContain('There is no OAuth here. Send');
  expect(failure.message).not.toContain('Invalid OAuth error response');
  expect(shown).toEqual([]);
});
