import { DEMO_KEY, DEMO_VENDORS, type DemoVendors } from './demo-vendors.ts';
import { DEMO_TIERS } from './scenario.ts';

/** A configuration as a user writes it, except that every address is a simulated vendor's. */
export function demoConfig(vendors: DemoVendors): string {
  const providers = DEMO_VENDORS.map((name) => {
    const address = { kind: name, baseUrl: vendors.baseUrl(name) };
    return [name, name === 'ollama' ? address : { ...address, apiKey: DEMO_KEY }] as const;
  });
  return JSON.stringify(
    { providers: Object.fromEntries(providers), routing: { strategy: 'complexity', tiers: DEMO_TIERS } },
    null,
    2,
  );
}
