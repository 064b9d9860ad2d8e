import { expect, it } from 'vitest';
import { askDnsOften } from '../../src/cli/ask-dns-often.ts';

it('DNS is asked again before a connection is given up, unless the environment says how often', () => {
  const env: NodeJS.ProcessEnv = { PATH: '/bin' };
  askDnsOften(env);
  expect(env).toEqual({ PATH: '/bin', RES_OPTIONS: 'timeout:1 attempts:4' });
  const own: NodeJS.ProcessEnv = { RES_OPTIONS: 'timeout:3' };
  askDnsOften(own);
  expect(own).toEqual({ RES_OPTIONS: 'timeout:3' });
});
