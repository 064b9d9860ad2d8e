import { toDefectFields, toGatewayError } from '../../core/errors.ts';
import type { Logger } from '../../core/ports.ts';

/**
 * A promise that fails with nobody waiting for it concerns one request, and the others go on. An
 * exception outside of all promises leaves nobody knows what behind: the process ends, and says where
 * it was, but not the message, which may quote a prompt.
 */
export function surviveDefects(logger: Logger): void {
  process.on('unhandledRejection', (reason) => {
    logger.error(toDefectFields(toGatewayError(reason)), 'a failure that nobody waited for');
  });
  process.on('uncaughtException', (error) => {
    logger.error(toDefectFields(toGatewayError(error)), 'a defect ends the process');
    process.exit(1);
  });
}
