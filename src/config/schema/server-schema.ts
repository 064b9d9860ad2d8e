import * as z from 'zod';

const text = z.string().min(1);
const TOKEN_FAULT = 'must be a text, or an object with name, value and perhaps team and user';

const tokenSchema = z.union(
  [
    text,
    z.strictObject({
      name: text.max(64),
      value: text,
      team: text.max(64).optional(),
      user: text.max(64).optional(),
      requestsPerMinute: z
        .int()
        .min(1)
        .max(1_000_000)
        .optional()
        .describe('Of this token alone, in all processes of the data folder.'),
      concurrency: z.int().min(1).max(100_000).optional().describe('Its requests at the same time.'),
    }),
  ],
  { error: TOKEN_FAULT },
);

/** The section `server`: how `signalbox serve` meets the network. */
export const serverSchema = z.strictObject({
  host: text.default('127.0.0.1').describe('The address to listen on. Beyond this machine a token is required.'),
  port: z.int().min(0).max(65_535).default(8787).describe('0 for any free one.'),
  tokens: z
    .array(tokenSchema)
    .max(1_000)
    .default([])
    .describe(
      'Each is a tenant of its own. Without any, SIGNALBOX_TOKEN holds the one. Resolved by "signalbox serve" only.',
    ),
  allowedOrigins: z
    .array(text)
    .max(100)
    .default([])
    .describe('Web pages that may call, as their whole origin: "https://app.example.com". None by default.'),
  allowedHosts: z
    .array(text)
    .max(100)
    .default([])
    .describe('Names of this server beyond those of loopback, as in the Host header: "gateway.example.com".'),
  trustedProxies: z
    .array(text)
    .max(100)
    .default([])
    .describe('Addresses and networks ("10.0.0.0/8") of the proxies in front, whose X-Forwarded-For says who calls.'),
  bodyBytesMax: z
    .int()
    .min(1_024)
    .max(1_073_741_824)
    .default(32 * 1_048_576)
    .describe('The largest request.'),
  connectionsMax: z.int().min(1).max(1_000_000).default(2_000).describe('Sockets at the same time.'),
  requestsMax: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(1_000)
    .describe('Requests at the same time, of all callers together.'),
  stalledReaderMs: z
    .int()
    .min(1_000)
    .max(3_600_000)
    .default(60_000)
    .describe('A client that takes nothing of its answer for so long is cut off.'),
  shutdownDelayMs: z
    .int()
    .min(0)
    .max(600_000)
    .default(0)
    .describe('Told to end, it serves on for so long while /readyz fails, so that a balancer sends no more.'),
});
