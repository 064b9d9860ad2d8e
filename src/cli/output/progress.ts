import { note } from './terminal.ts';

export type Progress = {
  /** What is going on now; shown when it takes long. */
  update(text: string): void;
  stop(): void;
};

/** Nobody wants to hear of what is done within a second. */
const QUIET_MS = 1_000;
const SPIN_MS = 120;
/** Between two lines where no line can be rewritten. */
const LINE_MS = 10_000;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const CLEAR_LINE = '\r\u001b[K';

/** Says on standard error what takes longer than a second: a turning line on a terminal, else plain lines. */
export function startProgress(text: string): Progress {
  const startedAtMs = performance.now();
  const spins = process.stderr.isTTY === true;
  let current = text;
  let frame = 0;
  let shown = false;
  let timer: NodeJS.Timeout | undefined;

  const show = () => {
    const seconds = Math.round((performance.now() - startedAtMs) / 1000);
    if (spins) {
      const line = `${FRAMES[frame++ % FRAMES.length]} ${current} (${seconds} s)`;
      process.stderr.write(`${CLEAR_LINE}${line.slice(0, (process.stderr.columns || 80) - 1)}`);
    } else {
      note(`signalbox: ${current} (${seconds} s)`);
    }
    shown = true;
    timer = setTimeout(show, spins ? SPIN_MS : LINE_MS);
    timer.unref();
  };
  timer = setTimeout(show, QUIET_MS);
  timer.unref();

  return {
    update: (next) => {
      current = next;
    },
    stop: () => {
      clearTimeout(timer);
      if (spins && shown) process.stderr.write(CLEAR_LINE);
      shown = false;
    },
  };
}
