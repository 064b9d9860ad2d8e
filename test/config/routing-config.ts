import { faultsOf, load } from './load.ts';

/** Two vendors and a server of this machine. */
export const providers = {
  openai: { kind: 'openai', apiKey: 'k' },
  groq: { kind: 'groq', apiKey: 'k' },
  near: { kind: 'openai-compatible', baseUrl: 'http://127.0.0.1:1234/v1' },
};

/** What `routing` comes to with these. */
export const table = async (routing: object, models: object = {}) =>
  (await load({ providers, routing, models })).routing;

/** What is wrong with it, without the place of the file. */
export const messages = async (routing: object) =>
  (await faultsOf({ providers, routing })).map((line) => line.replace(/^\S+ /, ''));
