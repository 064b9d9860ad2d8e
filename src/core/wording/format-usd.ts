/** `$0.00`, `$1.25`, `$0.000123`: exact to the nano-dollar, without trailing zeros beyond cents. */
export function formatUsd(usd: number): string {
  const [whole = '0', fraction = ''] = Math.abs(usd).toFixed(9).split('.');
  const cut = fraction.replace(/0+$/, '').padEnd(2, '0');
  return `${usd < 0 ? '-' : ''}$${Number(whole).toLocaleString('en-US')}.${cut}`;
}

/** What is only a guess: three figures that count, and cents at least. */
export function formatUsdRoughly(usd: number): string {
  return formatUsd(Math.abs(usd) < 10 ? Number(usd.toPrecision(3)) : Math.round(usd * 100) / 100);
}
