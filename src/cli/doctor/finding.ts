/** One line of the doctor's. */
export type Finding = {
  readonly state: 'ok' | 'warn' | 'fail';
  readonly about: string;
  readonly message: string;
  /** What to do; absent when all is well. */
  readonly remedy?: string;
};

export function ok(about: string, message: string): Finding {
  return { state: 'ok', about, message };
}

export function warn(about: string, message: string, remedy?: string): Finding {
  return { state: 'warn', about, message, ...(remedy !== undefined && { remedy }) };
}

export function fail(about: string, message: string, remedy: string): Finding {
  return { state: 'fail', about, message, remedy };
}
