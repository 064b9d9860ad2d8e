import { GatewayError } from '../../core/errors.ts';
import { nearestName } from '../../core/wording/nearest-name.ts';
import { TOKEN_HINT } from '../guard/authenticate.ts';
import type { OpenRequest } from '../request/open-request.ts';
import type { Router } from '../router.ts';

type PathRefusal = { readonly error: GatewayError; readonly headers: Readonly<Record<string, string>> };

/** 405 where another method would do, 404 with the nearest path otherwise. */
export function refusePath({ incoming, path, dialect }: OpenRequest, router: Router): PathRefusal {
  const methods = router.methodsAt(path);
  if (methods.length > 0) {
    const allow = methods.flatMap((name) => (name === 'GET' ? ['GET', 'HEAD'] : [name])).join(', ');
    const message = `This path takes ${allow}, not ${incoming.method}.`;
    const error = new GatewayError('invalid_request', message, { httpStatus: 405 });
    return { error, headers: { allow } };
  }
  // What clients show of a login that failed is this, in place of the 401 before it.
  if (dialect === 'oauth') {
    return { error: new GatewayError('not_found', 'There is no OAuth here.', { hint: TOKEN_HINT }), headers: {} };
  }
  const { paths } = router;
  const near = nearestName(path, paths);
  const hint = near === undefined ? `There are ${paths.join(', ')}.` : `Did you mean ${near}?`;
  return { error: new GatewayError('not_found', 'There is nothing at this path.', { hint }), headers: {} };
}
