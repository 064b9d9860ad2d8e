import { createSecretMask, type SecretMask } from '../../core/secret-mask.ts';
import type { HttpSettings } from '../http-settings.ts';
import { Gatekeeper } from './gatekeeper.ts';
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
  #inForce: InForce;

  constructor(settings: HttpSettings) {
    this.#inForce = build(settings);
  }

  get current(): InForce {
    return this.#inForce;
  }

  apply(settings: HttpSettings): void {
    this.#inForce = build(settings, this.#inForce.gatekeeper);
  }
}

function build(settings: HttpSettings, before?: Gatekeeper): InForce {
  const { tokens } = settings;
  return {
    settings,
    screen: new Screen(settings),
    gatekeeper: new Gatekeeper(settings, before),
    mask: createSecretMask(tokens === 'open' ? [] : tokens.map(({ value }) => value)),
  };
}
