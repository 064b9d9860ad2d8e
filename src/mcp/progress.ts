import type { CallProgress } from '../gateway/gateway.ts';
import { formatCount } from './rendering/format.ts';

/** Clients drop a silent call after a while; this keeps it alive without flooding them. */
const PROGRESS_INTERVAL_MS = 10_000;
/** A call that has not chosen a model by then says so, rather than nothing. */
const FIRST_WORD_MS = 250;

export type ProgressNotice = { readonly progress: number; readonly message: string };

export type ProgressReporter = {
  readonly report: (progress: CallProgress) => void;
  /** Nothing is sent afterwards. */
  readonly stop: () => void;
};

/**
 * Turns what the gateway reports into notices: the first at once, then the latest state at every
 * interval, changed or not. `progress` rises by one each time.
 */
export function createProgressReporter(
  send: (notice: ProgressNotice) => void,
  intervalMs = PROGRESS_INTERVAL_MS,
): ProgressReporter {
  let latest: CallProgress | undefined;
  let sent = 0;
  let interval: NodeJS.Timeout | undefined;
  let isOver = false;
  const emit = () => {
    sent += 1;
    send({ progress: sent, message: describe(latest) });
  };
  const begin = () => {
    clearTimeout(firstWord);
    emit();
    interval = setInterval(emit, intervalMs);
  };
  const firstWord = setTimeout(begin, FIRST_WORD_MS);
  return {
    report: (progress) => {
      latest = progress;
      if (sent === 0 && !isOver) begin();
    },
    stop: () => {
      isOver = true;
      clearTimeout(firstWord);
      clearInterval(interval);
    },
  };
}

function describe(progress: CallProgress | undefined): string {
  if (progress === undefined) return 'choosing a model';
  const { model, phase, outputTokens } = progress;
  return `${model}: ${phase}, ${formatCount(outputTokens)} token${outputTokens === 1 ? '' : 's'}`;
}
