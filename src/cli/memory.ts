import { setFlagsFromString } from 'node:v8';

/** Undoes what the launcher told V8: while modules load, its young generation would grow to more than they need. */
export function letMemoryGrow(): void {
  setFlagsFromString('--semi-space-growth-factor=2');
}

/**
 * V8 gives memory back when a process is idle for some seconds: it shrinks its young generation to a megabyte and drops what it
 * compiled for objects of which none lives just then. A service that is busy again would need twice the processor time a request,
 * for thousands of them. It keeps what it had: some 100 MB more after a rush. For servers on stdio, which are many and idle, V8 goes
 * on as ever. `--no-memory-reducer` would be heard only before the heap exists, this each time that V8 looks.
 */
export function keepMemoryWhenIdle(): void {
  setFlagsFromString('--memory-reducer-gc-count=0');
  // A reducer that is done lets the heap grow by a third at most between two full collections: while large bodies pass they
  // came five times a second and took a third of the processor time. V8 lets a busy heap grow to two to four times.
  setFlagsFromString('--heap-growing-percent=200');
}
