import { GatewayError } from '../../core/errors.ts';
import type { HttpSettings } from '../http-settings.ts';
import type { HttpContext, Route } from '../http-types.ts';
import { presentedToken, TokenBook, unauthenticated } from './authenticate.ts';
import { describeCaller } from './caller.ts';

/** Lets a request in to its handler, or throws why not. */
export class Gatekeeper {
  readonly #book: TokenBook | undefined;

  constructor({ tokens }: HttpSettings) {
    this.#book = tokens === 'open' ? undefined : new TokenBook(tokens);
  }

  admit(context: HttpContext, route: Route): void {
    context.set('dialect', route.dialect);
    if (route.access === 'open') return;
    const { incoming } = context.env;
    if (!this.#book) {
      context.set('caller', describeCaller({ tenant: 'local' }, incoming.headers));
      return;
    }
    const token = this.#book.find(presentedToken(incoming, route.dialect));
    if (!token) throw unauthenticated('The token is not known here.');
    context.set('caller', describeCaller(token.caller, incoming.headers));
  }
}

/** Too many requests at once: whoever comes back shortly has a chance. */
export function overloaded(): GatewayError {
  return new GatewayError('provider_overloaded', 'Signalbox has as many requests under way as it takes.', {
    hint: 'Try again shortly.',
    retryAfterMs: 1_000,
  });
}
