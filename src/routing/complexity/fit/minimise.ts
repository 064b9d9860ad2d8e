import { dot } from '../../dot.ts';

/** Writes the gradient at a point and returns the value there. */
export type Objective = (point: Float64Array, gradient: Float64Array) => number;

/** A step with the change of the gradient along it. */
type Bend = { readonly step: Float64Array; readonly change: Float64Array; readonly scale: number };

const BENDS_MAX = 8;
const HALVINGS_MAX = 20;
/** The share of the promised descent that a step must keep. */
const DESCENT_MIN = 1e-4;
const PROGRESS_MIN = 1e-8;

/**
 * The lowest point of a smooth convex function, to a few digits, by L-BFGS (Nocedal 1980) with
 * halving of steps. Starts from `point` and changes it.
 */
export function minimise(objective: Objective, point: Float64Array, roundsMax: number): Float64Array {
  let gradient = new Float64Array(point.length);
  let value = objective(point, gradient);
  const bends: Bend[] = [];
  for (let round = 0; round < roundsMax; round += 1) {
    const direction = descend(gradient, bends);
    const slope = dot(direction, gradient);
    if (!(slope < 0)) return point;
    const next = new Float64Array(point.length);
    const nextGradient = new Float64Array(point.length);
    let length = bends.length === 0 ? Math.min(1, 1 / Math.sqrt(-slope)) : 1;
    let nextValue = Number.POSITIVE_INFINITY;
    for (let halving = 0; halving < HALVINGS_MAX; halving += 1) {
      for (let at = 0; at < point.length; at += 1)
        next[at] = (point[at] as number) + length * (direction[at] as number);
      nextValue = objective(next, nextGradient);
      if (nextValue <= value + DESCENT_MIN * length * slope) break;
      length /= 2;
    }
    if (!(nextValue < value)) return point;
    remember(
      bends,
      direction.map((part) => part * length),
      subtract(nextGradient, gradient),
    );
    const progress = (value - nextValue) / Math.max(1, Math.abs(value));
    point.set(next);
    gradient = nextGradient;
    value = nextValue;
    if (progress < PROGRESS_MIN) return point;
  }
  return point;
}

/** The gradient, turned by what the last steps taught of the curvature. */
function descend(gradient: Float64Array, bends: readonly Bend[]): Float64Array {
  const direction = gradient.map((part) => -part);
  const shares: number[] = [];
  for (const { step, change, scale } of bends.toReversed()) {
    const share = dot(step, direction) * scale;
    shares.push(share);
    addTo(direction, change, -share);
  }
  const last = bends.at(-1);
  if (last !== undefined) {
    const stretch = 1 / (last.scale * dot(last.change, last.change));
    for (let at = 0; at < direction.length; at += 1) direction[at] = (direction[at] as number) * stretch;
  }
  for (const { step, change, scale } of bends) {
    addTo(direction, step, (shares.pop() as number) - dot(change, direction) * scale);
  }
  return direction;
}

function remember(bends: Bend[], step: Float64Array, change: Float64Array): void {
  const shared = dot(step, change);
  if (!(shared > 0)) return;
  bends.push({ step, change, scale: 1 / shared });
  if (bends.length > BENDS_MAX) bends.shift();
}

function subtract(left: Float64Array, right: Float64Array): Float64Array {
  return left.map((part, at) => part - (right[at] as number));
}

function addTo(sum: Float64Array, part: Float64Array, share: number): void {
  for (let at = 0; at < sum.length; at += 1) sum[at] = (sum[at] as number) + share * (part[at] as number);
}
