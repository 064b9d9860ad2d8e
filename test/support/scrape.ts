/** Figures of a page in Prometheus' text format, by name and labels as they are written there. */
export type Figures = ReadonlyMap<string, number>;

function parseFigures(text: string): Figures {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => {
      const space = line.lastIndexOf(' ');
      return [line.slice(0, space), Number(line.slice(space + 1))];
    }),
  );
}

/** Scrapes a running service. */
export async function scrape({ url, token }: { readonly url: string; readonly token: string }): Promise<Figures> {
  const response = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  if (response.status !== 200) throw new Error(`scrape: ${response.status} ${await response.text()}`);
  return parseFigures(await response.text());
}

/** All figures of one name, whatever their labels. */
export function sumOf(figures: Figures, name: string): number {
  let sum = 0;
  for (const [key, value] of figures) if (key === name || key.startsWith(`${name}{`)) sum += value;
  return sum;
}
