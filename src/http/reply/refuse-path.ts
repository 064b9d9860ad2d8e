import { GatewayError } from '../../core/errors.ts';
import { nearestName } from '../../core/nearest-name.ts';
import { TOKEN_HINT } from '../guard/authenticate.ts';
import type { OpenRequest } from '../request/open-request.ts';
import type { Router } from '../router.ts';
import { errorReply } from './error-reply.ts';
import type { WholeReply } from './reply.ts';

/** 405 where another method would do, 404 with the nearest path otherwise. */
export function refusePath({ incoming, path, dialect, mask }: OpenRequest, router: Router): WholeReply {
  const methods = router.methodsAt(path);
  if (methods.length > 0) {
    const allow = methods.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])).join(', ');
    const message = `This path takes ${allow}, not ${incoming.method}.`;
    const error = new GatewayError('invalid_request', message, { httpStatus: 405 });
    return errorReply(dialect, error, { mask, headers: { allow } });
  }
  // What clients show of a login that failed is this, in place of the 401 before it.
  if (dialect === 'oauth') {
    const error = new GatewayError('not_found', 'There is no OAuth here.', { hint: TOKEN_HINT });
    return errorReply(dialect, error, { mask });
  }
  const { paths } = router;
  const near = nearestName(path, paths);
  const hint = near === undefined ? `There are ${paths.join(', ')}.` : `Did you mean ${near}?`;
  return errorReply(dialect, new GatewayError('not_found', 'There is nothing at this path.', { hint }), { mask });
}
