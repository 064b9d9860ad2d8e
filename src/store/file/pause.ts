/**
 * Waits for the real world (another process's lock), so by the real timer, whatever clock the
 * store was given. Jitter keeps waiting processes from asking in step.
 */
export function pause(fromMs: number, toMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, fromMs + Math.random() * (toMs - fromMs)));
}
