import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

type BundledPackage = {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly texts: readonly string[];
};

/**
 * The licences of every package that the given modules belong to, as one text. Throws when a
 * package names no licence: such a package must not be shipped.
 */
export function renderThirdPartyNotices(modules: readonly string[]): string {
  const folders = new Set(modules.flatMap((module) => packageFolder(module) ?? []));
  const packages = [...folders].map(readPackage).sort((left, right) => (left.name < right.name ? -1 : 1));
  const sections = packages.map(
    ({ name, version, license, texts }) =>
      `${name} ${version} (${license})\n\n${texts.join('\n\n') || `Licensed under ${license}.`}`,
  );
  return [
    'Signalbox contains the following packages.',
    ...sections.map((section) => `${'-'.repeat(80)}\n${section}`),
    '',
  ].join('\n\n');
}

/** The folder of the package a module belongs to; undefined for our own and the bundler's modules. */
function packageFolder(module: string): string | undefined {
  return /^\0?(.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+)[\\/]/.exec(module)?.[1];
}

function readPackage(folder: string): BundledPackage {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
  if (typeof name !== 'string' || typeof version !== 'string' || typeof license !== 'string') {
    throw new Error(
      `${join(folder, 'package.json')} names no licence: do not bundle this package, or ask its authors.`,
    );
  }
  const texts = licenseFiles(folder).map((file) => readFileSync(join(folder, file), 'utf8').trim());
  return { name, version, license, texts };
}

function licenseFiles(folder: string): string[] {
  return readdirSync(folder).filter((file) => /^(licen[cs]e|copying|notice)([.-]|$)/i.test(file));
}
