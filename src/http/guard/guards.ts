import type { SharedStates } from '../../core/ports.ts';
import { createSecretMask, type SecretMask } from '../../core/secret-mask.ts';
import type { HttpSettings } from '../http-settings.ts';
import { Gatekeeper } from './gatekeeper.ts';
import { MemoryStates } from './memory-states.ts';
import { Screen } from './screen.ts';

type InForce = {
  readonly settings: HttpSettings;
  readonly screen: Screen;
  readonly gatekeeper: Gatekeeper;
  /** For what is told to callers: a token may come back in an error that quotes the request. */
  readonly mask: SecretMask;
};

/** Everything that stands between the network and the routes; may be exchanged while the server runs. */
export class Guards {
  readonly #states: SharedStates;
  #inForce: InForce;

  /** `states`: where limits of a token are counted; of this process alone when absent. */
  constructor(settings: HttpSettings, states: SharedStates = new MemoryStates()) {
    this.#states = states;
    this.#inForce = build(settings, states);
  }

  get current(): InForce {
    return this.#inForce;
  }

  apply(settings: HttpSettings): void {
    this.#inForce = build(settings, this.#states, this.#inForce.gatekeeper);
  }

  async close(): Promise<void> {
    await this.#inForce.gatekeeper.close();
  }
}

function build(settings: HttpSettings, states: SharedStates, before?: Gatekeeper): InForce {
  const { tokens } = settings;
  return {
    settings,
    screen: new Screen(settings),
    gatekeeper: new Gatekeeper(settings, states, before),
    mask: createSecretMask(tokens === 'open' ? [] : tokens.map(({ value }) => value)),
  };
}
