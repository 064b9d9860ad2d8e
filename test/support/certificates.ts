import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { isIPv6 } from 'node:net';

/** A certificate and its key, as TLS servers take them. */
export type Certificate = { readonly cert: string; readonly key: string };

export type CertificateOptions = {
  /** A name, or an address of IPv6 with all its eight parts. */
  readonly host: string;
  readonly notAfter?: Date;
  /** Self-signed when absent. */
  readonly authority?: Authority;
};

export type Authority = { readonly cert: string; readonly name: string; readonly privateKey: KeyObject };

/** An authority of a test's own: made at run time, so that no key lies in the repository. */
export function createAuthority(name: string): Authority {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const isAuthority = extension('551d13', sequence(Buffer.from([0x01, 0x01, 0xff])));
  const cert = certify({ subject: name, issuer: name, publicKey, signer: privateKey, extensions: [isAuthority] });
  return { cert, name, privateKey };
}

export function createCertificate({ host, notAfter, authority }: CertificateOptions): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const address = host.split(':').map((part) => part.padStart(4, '0'));
  const name = isIPv6(host) ? tagged(0x87, Buffer.from(address.join(''), 'hex')) : tagged(0x82, Buffer.from(host));
  const names = extension('551d11', sequence(name));
  const cert = certify({
    subject: host,
    issuer: authority?.name ?? host,
    publicKey,
    signer: authority?.privateKey ?? privateKey,
    extensions: [names],
    ...(notAfter && { notAfter }),
  });
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string };
}

type Certified = {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly notAfter?: Date;
};

const DAY_MS = 86_400_000;
const ECDSA_WITH_SHA256 = sequence(objectId('2a8648ce3d040302'));

/** An X.509 v3 certificate in PEM; the fields are those of RFC 5280, section 4.1. */
function certify({ subject, issuer, publicKey, signer, extensions, notAfter }: Certified): string {
  const end = notAfter ?? new Date(Date.now() + DAY_MS);
  const content = sequence(
    tagged(0xa0, tagged(0x02, Buffer.from([2]))),
    tagged(0x02, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    commonName(issuer),
    sequence(time(new Date(end.getTime() - 30 * DAY_MS)), time(end)),
    commonName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', content, signer);
  const der = sequence(content, ECDSA_WITH_SHA256, tagged(0x03, Buffer.concat([Buffer.from([0]), signature])));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

/** DER: tag, length, content. */
function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function sequence(...items: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(items));
}

function objectId(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, 'hex'));
}

function commonName(name: string): Buffer {
  return sequence(tagged(0x31, sequence(objectId('550403'), tagged(0x0c, Buffer.from(name)))));
}

function time(date: Date): Buffer {
  return tagged(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\.\d+/g, '')}`));
}

function extension(idHex: string, value: Buffer): Buffer {
  return sequence(objectId(idHex), tagged(0x04, value));
}
