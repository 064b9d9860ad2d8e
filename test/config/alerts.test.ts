import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { faultsOf, load, ref } from './load.ts';

const providers = { openai: { kind: 'openai', apiKey: 'sk-test' }, groq: { kind: 'groq', apiKey: 'gsk-test' } };
const hook = 'https://hooks.example.com/T0/B0/abc';

const rules = async (alerts: readonly object[], more: object = {}) =>
  (await load({ providers, alerts, ...more })).alerts;
const named = async (name: string, alerts: readonly object[], more: object = {}) =>
  (await rules(alerts, more)).find((rule) => rule.name === name);

describe('alerts', () => {
  it('has defaults, by log only', async () => {
    const defaults = await rules([]);
    expect(defaults.map(({ name }) => name)).toEqual(['provider down', 'error rate', 'queue']);
    expect(defaults.every(({ log, webhooks }) => log && webhooks.length === 0)).toBe(true);
    const { alerts } = await load({});
    expect(alerts).toEqual(defaults);
  });

  it('takes one of its own, and fills in what it leaves out', async () => {
    const when = { metric: 'latency', above: '20s', provider: '*' };
    expect(await named('slow', [{ name: 'slow', when }])).toMatchObject({
      when: { metric: 'latency', side: 'above', limit: 20_000, overMs: 300_000, requestsMin: 10, provider: '*' },
      forMs: 0,
      severity: 'warning',
      log: true,
      webhooks: [],
    });
    const whole = {
      name: 'dear',
      when: { metric: 'cost_per_hour', above: 12.5, over: '15m' },
      for: '90s',
      severity: 'critical',
      notify: [{ webhook: hook, secret: ref('HOOK_SECRET') }],
    };
    const { alerts } = await load({ providers, alerts: [whole] }, { env: { HOOK_SECRET: 'a long secret' } });
    expect(alerts.find(({ name }) => name === 'dear')).toMatchObject({
      when: { limit: 12.5, overMs: 900_000 },
      forMs: 90_000,
      severity: 'critical',
      log: false,
      webhooks: [{ url: hook, secret: 'a long secret', allow: [] }],
    });
  });

  it('changes a default by its name, or turns it off', async () => {
    expect(await named('error rate', [{ name: 'error rate', for: '10m' }])).toMatchObject({
      when: { metric: 'error_rate', limit: 0.25 },
      forMs: 600_000,
      severity: 'warning',
    });
    expect((await rules([{ name: 'queue', enabled: false }])).map(({ name }) => name)).not.toContain('queue');
  });

  it('tells of the shares that budgets name, everywhere that alerts go', async () => {
    const budgets = [
      { name: 'daily', scope: 'global', limitUsd: 5, window: 'day', alertAt: [0.5, 0.825, 1] },
      { name: 'each', scope: 'global', limitUsd: 1, window: 'request', alertAt: [0.5] },
    ];
    const alerts = [{ name: 'dear', when: { metric: 'cost_per_hour', above: 3 }, notify: ['log', { webhook: hook }] }];
    const shares = (await rules(alerts, { budgets })).filter(({ when }) => when.metric === 'budget_share');
    expect(shares.map(({ name, severity }) => [name, severity])).toEqual([
      ['budget daily at 50 %', 'warning'],
      ['budget daily at 82.5 %', 'warning'],
      ['budget daily at 100 %', 'critical'],
    ]);
    expect(shares[0]).toMatchObject({ log: true, webhooks: [{ url: hook }], when: { budget: 'daily', limit: 0.5 } });
  });

  it('is the same rule wherever it is configured alike, and another one when anything differs', async () => {
    const alert = { name: 'x', when: { metric: 'queue_length', above: 5 } };
    const id = (await named('x', [alert]))?.id;
    expect((await named('x', [{ ...alert, for: '1m' }]))?.id).not.toBe(id);
    expect((await named('x', [{ severity: 'warning', ...alert }]))?.id).toBe(id);
  });

  it.each([
    [{ name: 'a' }, 'alerts[0]: has no "when"; only the default alerts (provider down, error rate, queue) do without'],
    [{ name: 'eror rate' }, 'alerts[0]: has no "when"; or did you mean the default alert "error rate"?'],
    [{ name: 'a', when: {} }, 'alerts[0].when.metric: is missing; it is one of error_rate, latency'],
    [{ name: 'a', when: { metric: 'latencey' } }, 'did you mean "latency"?'],
    [{ name: 'a', when: { metric: 'latency' } }, 'alerts[0].when.above: is missing; of latency it must be a time'],
    [{ name: 'a', when: { metric: 'error_rate', above: 20 } }, 'alerts[0].when.above: must be a share of 1'],
    [{ name: 'a', when: { metric: 'error_rate', above: '20%' } }, 'alerts[0].when.above: must be a share of 1'],
    [{ name: 'a', when: { metric: 'error_rate', above: 0 } }, 'alerts[0].when.above: must be a share of 1'],
    [{ name: 'a', when: { metric: 'cost_per_hour', above: -1 } }, 'alerts[0].when.above: must be a sum of US dollars'],
    [
      { name: 'a', when: { metric: 'cache_hit_rate', below: 0.1, above: 0.2 } },
      'alerts[0].when.above: says nothing about cache_hit_rate, which takes below, over, requestsMin',
    ],
    [
      { name: 'a', when: { metric: 'error_rate', above: 0.2, provider: 'opnai' } },
      'alerts[0].when.provider: there is no provider of this name; did you mean "openai"?',
    ],
    [
      { name: 'a', when: { metric: 'budget_share', above: 0.5, budget: 'x' } },
      'alerts[0].when.budget: there is no budget of this name; known: none',
    ],
    [
      { name: 'a', when: { metric: 'latency', above: 1, over: '2d' } },
      'alerts[0].when.over: must be a time such as "10m"',
    ],
    [{ name: 'a', for: 'soon', when: { metric: 'latency', above: 1 } }, 'alerts[0].for: must be a time up to "24h"'],
    [{ name: 'queue', severty: 'info' }, 'alerts[0].severty: unknown key; did you mean "severity"?'],
    [{ name: 'queue', notify: ['mail'] }, 'alerts[0].notify[0]: must be "log" or an object with webhook'],
  ])('%j is refused, saying why', async (written, message) => {
    expect(await faultsOf({ providers, alerts: [written] })).toEqual([expect.stringContaining(message)]);
  });

  it('refuses two of one name', async () => {
    const alert = { name: 'a', when: { metric: 'queue_length', above: 5 } };
    expect(await faultsOf({ providers, alerts: [alert, alert] })).toEqual([
      expect.stringContaining('alerts[1].name: is the name of alerts[0] as well'),
    ]);
  });

  const webhook = async (address: string, allow: readonly string[] = []) =>
    (await faultsOf({ providers, alerts: [{ name: 'queue', notify: [{ webhook: address, allow }] }] })).join();

  it.each([
    'http://hooks.example.com/x',
    'ftp://hooks.example.com/x',
    'hooks.example.com',
    'https://user:word@hooks.example.com/',
    'https://user@hooks.example.com/',
    'https://:word@hooks.example.com/',
    'https://127.0.0.1/x',
    'https://127.1/x',
    'https://0x7f000001/x',
    'https://2130706433/',
    'https://0177.0.0.1/',
    'https://localhost/',
    'https://localhost./',
    'https://metadata.google.internal/',
    'https://169.254.169.254/latest/meta-data',
    'https://168.63.129.16/machine',
    'https://100.100.100.200/',
    'https://10.1.2.3/',
    'https://[::1]/',
    'https://[::ffff:10.0.0.1]/',
    'https://[fd00:ec2::254]/',
    'https://[fe80::1]/',
    'https://[64:ff9b::a9fe:a9fe]/',
    'https://[2002:7f00:1::]/',
    'http://127.0.0.1:9000/',
  ])('lets no webhook lead to %s, and does not repeat the address', async (address) => {
    const fault = await webhook(address);
    expect(fault).toContain('alerts[0].notify[0].webhook: ');
    expect(fault).not.toContain(address);
  });

  it('lets a webhook lead to what is allowed by name, in plain text on this machine alone', async () => {
    const loads = (address: string, allow: readonly string[]) =>
      rules([{ name: 'queue', notify: [{ webhook: address, allow }] }]);
    await loads('https://10.1.2.3/x', ['10.1.0.0/16']);
    await loads('http://127.0.0.1:9000/x', ['127.0.0.1']);
    await loads('http://localhost:9000/x', ['::1', '127.0.0.0/8']);
    await loads('https://hooks.corp.internal/x', ['10.0.0.0/8']);
    expect(await webhook('https://10.2.0.1/', ['10.1.0.0/16'])).toContain('leads to a private address');
    expect(await webhook('http://10.1.2.3/', ['10.0.0.0/8'])).toContain('must begin with https://');
    expect(await webhook('ftp://127.0.0.1/x', ['127.0.0.1'])).toContain('must begin with https://');
    expect(await webhook(hook, ['10.0.0.0/33'])).toContain('allow[0]: must be an IP address or a network');
    expect(await webhook(hook, ['corp.example'])).toContain('allow[0]: must be an IP address or a network');
  });

  it.each(['whsec_!!!!', 'whsec_a phrase of words', 'whsec_QUJDR', 'whsec_===='])(
    'takes no secret that would sign with less than it says: %s',
    async (secret) => {
      const faults = await faultsOf({ providers, alerts: [{ name: 'queue', notify: [{ webhook: hook, secret }] }] });
      expect(faults).toEqual([expect.stringContaining('alerts[0].notify[0].secret: begins with whsec_')]);
      expect(faults.join()).not.toContain(secret);
    },
  );

  it.each(['whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'whsec_QUI=', 'whsec_QUI', 'whsec_-_-_', 'any !!!! words'])(
    'takes a secret in the form of Standard Webhooks, and any other: %s',
    async (secret) => {
      const [first] = await rules([{ name: 'queue', notify: [{ webhook: hook, secret }] }]);
      expect(first?.webhooks).toEqual([{ url: hook, secret, allow: [] }]);
    },
  );

  it('reads the address and the secret from where they are kept, and names what is missing', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'hook'), `${hook}\n`);
    const notify = [{ webhook: 'file:hook', secret: ref('HOOK_SECRET') }];
    const config = { providers, alerts: [{ name: 'queue', notify }] };
    const { alerts } = await load(config, { cwd: folder, env: { HOOK_SECRET: 'a long secret' } });
    expect(alerts[0]?.webhooks).toEqual([{ url: hook, secret: 'a long secret', allow: [] }]);
    expect(await faultsOf(config, { cwd: folder })).toEqual([
      expect.stringContaining('alerts[0].notify[0].secret: the variable HOOK_SECRET is not set'),
    ]);
  });
});
