import { toDefectFields, toGatewayError } from '../core/errors.ts';
import type { Observer } from '../core/observer.ts';
import type { Logger } from '../core/ports.ts';

/** Tells those that are there; one that fails is logged and disturbs neither the request nor the others. */
export function composeObservers(observers: readonly (Observer | undefined)[], logger: Logger): Observer {
  return {
    requestEnded(event) {
      for (const observer of observers) {
        try {
          observer?.requestEnded(event);
        } catch (error) {
          logger.error({ requestId: event.id, ...toDefectFields(toGatewayError(error)) }, 'an observer failed');
        }
      }
    },
  };
}
