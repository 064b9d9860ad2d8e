/**
 * Sets the wall clock of this process off, as an operator or a time server does; the monotonic clock goes on. To be
 * imported before anything that reads the time. Begins with `SIGNALBOX_TEST_CLOCK_OFFSET_MS`, which tests alone set.
 */
let offsetMs = Number(process.env.SIGNALBOX_TEST_CLOCK_OFFSET_MS ?? 0);

const RealDate = Date;

function shiftedNow(): number {
  return RealDate.now() + offsetMs;
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, parts: [], newTarget) =>
    Reflect.construct(target, parts.length === 0 ? [shiftedNow()] : parts, newTarget),
  get: (target, name, receiver) => (name === 'now' ? shiftedNow : Reflect.get(target, name, receiver)),
});

/** From now on the wall clock shows so much more than that of the machine. */
export function shiftClock(toOffsetMs: number): void {
  offsetMs = toOffsetMs;
}
