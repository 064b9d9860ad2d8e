import type { Brand } from './brand.ts';
import { GatewayError } from './errors.ts';

/** Money: a whole number of nano-dollars (10⁻⁹ USD), safe up to about nine million dollars. */
export type NanoUsd = Brand<number, 'NanoUsd'>;

/** A price: whole nano-dollars for one million tokens. $0.0375 per million is 37_500_000. */
export type NanoUsdPerMTok = Brand<number, 'NanoUsdPerMTok'>;

/** A sum that may have gone below nothing, by corrections. */
export type SignedNanoUsd = NanoUsd | Brand<number, 'SignedNanoUsd'>;

export const ZERO_USD = 0 as NanoUsd;

/** Brands a whole number of nano-dollars; throws on fractions, negatives and unsafe integers. */
export function nanoUsd(value: number): NanoUsd {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RangeError(`not a whole, non-negative number of nano-dollars: ${value}`);
  }
  return value as NanoUsd;
}

/** Brands a whole number of nano-dollars that may be negative; throws on fractions and unsafe integers. */
export function signedNanoUsd(value: number): SignedNanoUsd {
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a whole number of nano-dollars: ${value}`);
  return value as SignedNanoUsd;
}

/** Brands the sum of what many calls cost and corrections changed; throws `invalid_request` where it is not exact. */
export function summedNanoUsd(sum: number): SignedNanoUsd {
  if (Number.isSafeInteger(sum)) return sum as SignedNanoUsd;
  throw new GatewayError(
    'invalid_request',
    'The costs add up to more than nine million dollars, too much to be exact.',
    {
      hint: 'Take a shorter time.',
    },
  );
}

/** Dollars to nano-dollars, rounded half up. Limits and prices given by people come in dollars. */
export function nanoUsdFromUsd(usd: number): NanoUsd {
  return nanoUsd(Number(scaledHalfUp(usd, 9)));
}

/** Dollars per million tokens, as vendors publish prices, to the exact integer unit. */
export function priceFromUsdPerMTok(usd: number): NanoUsdPerMTok {
  return Number(scaledHalfUp(usd, 9)) as NanoUsdPerMTok;
}

/** Nano-dollars to dollars, for output only; never computed with. */
export function toUsd(amount: SignedNanoUsd): number {
  return amount / 1e9;
}

/** How much more the second is, in dollars, for output only; negative when it is less. */
export function usdBetween(first: SignedNanoUsd, second: SignedNanoUsd): number {
  return (second - first) / 1e9;
}

/** The sum, or a thrown `RangeError` when it leaves the safe range. */
export function addUsd(left: NanoUsd, right: NanoUsd): NanoUsd {
  return nanoUsd(left + right);
}

/**
 * Scales through the shortest decimal text of the number, so that 0.15 means 15/100 and not the
 * nearest binary fraction.
 */
function scaledHalfUp(value: number, digits: number): bigint {
  if (!Number.isFinite(value) || value < 0) {
    throw new RangeError(`not a finite, non-negative amount: ${value}`);
  }
  const [mantissa = '0', exponentText = '0'] = value.toString().split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  const shift = digits + Number(exponentText) - fraction.length;
  const units = BigInt(whole + fraction);
  if (shift >= 0) return units * 10n ** BigInt(shift);
  const divisor = 10n ** BigInt(-shift);
  return (units + divisor / 2n) / divisor;
}
