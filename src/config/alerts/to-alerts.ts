import { hash } from 'node:crypto';
import type { AlertCondition, AlertMetric, AlertRule, Webhook } from '../../core/alerts.ts';
import type { Budget } from '../../core/quota.ts';
import { nearestName } from '../../core/wording/nearest-name.ts';
import type { ConfigPath } from '../file/config-document.ts';
import type { Problems } from '../file/problems.ts';
import type { AlertInput, ConditionInput, WebhookInput } from '../schema/alerts-schema.ts';
import { parseDurationMs } from '../units.ts';
import { DEFAULT_ALERTS } from './default-alerts.ts';
import { webhookFault } from './webhook-fault.ts';

export type AlertContext = {
  readonly problems: Problems;
  readonly providers: readonly string[];
  readonly budgets: readonly Pick<Budget, 'name' | 'alertAt' | 'window'>[];
};

type Unit = 'share' | 'duration' | 'usd' | 'count' | 'none';
type Facts = {
  readonly unit: Unit;
  readonly side: AlertCondition['side'];
  /** 0: it is asked of this moment. */
  readonly overMs: number;
  readonly requestsMin: number;
  /** The key that says whose value it is. */
  readonly of?: 'provider' | 'budget';
};

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** So much of a budget is as good as all: a hard one refuses what would not fit, a little before its end. */
const CRITICAL_SHARE = 0.95;

/** What each metric is counted in, and what it may be told. */
const METRICS: Readonly<Record<AlertMetric, Facts>> = {
  error_rate: { unit: 'share', side: 'above', overMs: 5 * MINUTE_MS, requestsMin: 10, of: 'provider' },
  latency: { unit: 'duration', side: 'above', overMs: 5 * MINUTE_MS, requestsMin: 10, of: 'provider' },
  provider_down: { unit: 'none', side: 'above', overMs: 0, requestsMin: 0, of: 'provider' },
  budget_share: { unit: 'share', side: 'above', overMs: 0, requestsMin: 0, of: 'budget' },
  cost_per_hour: { unit: 'usd', side: 'above', overMs: HOUR_MS, requestsMin: 0 },
  cache_hit_rate: { unit: 'share', side: 'below', overMs: HOUR_MS, requestsMin: 50 },
  queue_length: { unit: 'count', side: 'above', overMs: 0, requestsMin: 0 },
};

const LIMITS: Readonly<Record<Exclude<Unit, 'none'>, string>> = {
  share: 'must be a share of 1, such as 0.2',
  duration: 'must be a time, such as "20s", or a number of milliseconds',
  usd: 'must be a sum of US dollars, more than 0',
  count: 'must be a number of requests, at least 1',
};

/**
 * The alerts in force: its own, the defaults as far as it does not change them, and those of `budgets[].alertAt`,
 * which go to every webhook that it names: they say nothing of their own of where to go.
 */
export function toAlerts(inputs: readonly AlertInput[], context: AlertContext): readonly AlertRule[] {
  const { problems } = context;
  const defaults = new Map(DEFAULT_ALERTS.map((rule) => [rule.name, rule]));
  const places = new Map<string, number>();
  const own = inputs.flatMap((input, index): readonly AlertRule[] => {
    const path: ConfigPath = ['alerts', index];
    const first = places.get(input.name);
    if (first !== undefined) problems.add([...path, 'name'], `is the name of alerts[${first}] as well`);
    places.set(input.name, index);
    const base = defaults.get(input.name);
    defaults.delete(input.name);
    const when = input.when ? toCondition(input.when, [...path, 'when'], context) : base?.when;
    if (!input.when && !base) problems.add(path, missingWhen(input.name));
    const forMs = input.for === undefined ? (base?.forMs ?? 0) : duration(input.for, [...path, 'for'], context);
    const webhooks = toWebhooks(input.notify ?? [], [...path, 'notify'], problems);
    if (!when || !input.enabled) return [];
    const severity = input.severity ?? base?.severity ?? 'warning';
    const log = input.notify?.includes('log') ?? true;
    return [toRule({ name: input.name, when, forMs, severity, log, webhooks })];
  });
  return [...own, ...[...defaults.values()].map(toRule), ...shareAlerts(context.budgets, webhooksOf(own))];
}

/** Everywhere that notices of these rules are sent, each once. */
function webhooksOf(rules: readonly AlertRule[]): readonly Webhook[] {
  return [...new Map(rules.flatMap(({ webhooks }) => webhooks).map((webhook) => [webhook.url, webhook])).values()];
}

function shareAlerts(budgets: AlertContext['budgets'], webhooks: readonly Webhook[]): readonly AlertRule[] {
  return budgets.flatMap(({ name, alertAt, window }) => {
    // The budget of one request has no share that could be watched.
    if (window.type === 'request') return [];
    return [...new Set(alertAt)].map((share) =>
      toRule({
        name: `budget ${name} at ${Math.round(share * 1_000) / 10} %`,
        when: { metric: 'budget_share', side: 'above', limit: share, overMs: 0, requestsMin: 0, budget: name },
        forMs: 0,
        severity: share >= CRITICAL_SHARE ? 'critical' : 'warning',
        log: true,
        webhooks,
      }),
    );
  });
}

/** The same in every process that is configured alike, so that they keep one state of it together. */
export function toRule(rule: Omit<AlertRule, 'id'>): AlertRule {
  return { ...rule, id: hash('sha256', JSON.stringify(rule), 'hex').slice(0, 16) };
}

function missingWhen(name: string): string {
  const names = DEFAULT_ALERTS.map((rule) => rule.name);
  const near = nearestName(name, names);
  const meant =
    near === undefined
      ? `only the default alerts (${names.join(', ')}) do without`
      : `or did you mean the default alert "${near}"?`;
  return `has no "when"; ${meant}`;
}

function toCondition(input: ConditionInput, path: ConfigPath, context: AlertContext): AlertCondition {
  const { problems, providers, budgets } = context;
  const facts = METRICS[input.metric];
  const takes = keysOf(facts);
  for (const key of ['above', 'below', 'over', 'requestsMin', 'provider', 'budget'] as const) {
    if (input[key] !== undefined && !takes.includes(key)) {
      problems.add([...path, key], `says nothing about ${input.metric}, which takes ${takes.join(', ') || 'nothing'}`);
    }
  }
  const { provider, budget } = input;
  if (provider !== undefined && provider !== '*') checkName(provider, providers, [...path, 'provider'], context);
  if (budget !== undefined)
    checkName(
      budget,
      budgets.map(({ name }) => name),
      [...path, 'budget'],
      context,
    );
  return {
    metric: input.metric,
    side: facts.side,
    limit: toLimit(input, facts, path, problems),
    overMs: input.over === undefined ? facts.overMs : toSpan(input.over, [...path, 'over'], context),
    requestsMin: input.requestsMin ?? facts.requestsMin,
    ...(provider !== undefined && { provider }),
    ...(budget !== undefined && { budget }),
  };
}

function keysOf({ unit, side, overMs, requestsMin, of }: Facts): readonly string[] {
  return [
    ...(unit === 'none' ? [] : [side]),
    ...(overMs > 0 ? ['over'] : []),
    ...(requestsMin > 0 ? ['requestsMin'] : []),
    ...(of === undefined ? [] : [of]),
  ];
}

function toLimit(input: ConditionInput, { unit, side }: Facts, path: ConfigPath, problems: Problems): number {
  // A provider is down or it is not.
  if (unit === 'none') return 1;
  const written = input[side];
  if (written === undefined) {
    problems.add([...path, side], `is missing; of ${input.metric} it ${LIMITS[unit]}`);
    return 1;
  }
  const limit = unit === 'duration' && typeof written === 'string' ? parseDurationMs(written) : written;
  const isFine =
    typeof limit === 'number' && limit > 0 && (unit !== 'share' || limit <= 1) && (unit !== 'count' || limit >= 1);
  if (!isFine) problems.add([...path, side], LIMITS[unit]);
  return isFine ? limit : 1;
}

function toSpan(text: string, path: ConfigPath, { problems }: AlertContext): number {
  const spanMs = parseDurationMs(text);
  if (spanMs !== undefined && spanMs >= MINUTE_MS && spanMs <= DAY_MS) return spanMs;
  problems.add(path, 'must be a time such as "10m", at least "1m" and at most "24h"');
  return MINUTE_MS;
}

function duration(text: string, path: ConfigPath, { problems }: AlertContext): number {
  const durationMs = parseDurationMs(text);
  if (durationMs !== undefined && durationMs <= DAY_MS) return durationMs;
  problems.add(path, 'must be a time up to "24h", such as "90s" or "5m"; leave it out to be told at once');
  return 0;
}

function checkName(name: string, known: readonly string[], path: ConfigPath, { problems }: AlertContext): void {
  if (known.includes(name)) return;
  const near = nearestName(name, known);
  const kind = path.at(-1);
  const hint = near === undefined ? `known: ${known.join(', ') || 'none'}` : `did you mean "${near}"?`;
  problems.add(path, `there is no ${kind} of this name; ${hint}`);
}

function toWebhooks(
  notify: readonly ('log' | WebhookInput)[],
  path: ConfigPath,
  problems: Problems,
): readonly Webhook[] {
  return notify.flatMap((one, index): readonly Webhook[] => {
    if (one === 'log') return [];
    const fault = webhookFault(one);
    if (fault) problems.add([...path, index, ...fault.path], fault.message);
    return [{ url: one.webhook, ...(one.secret !== undefined && { secret: one.secret }), allow: one.allow }];
  });
}
