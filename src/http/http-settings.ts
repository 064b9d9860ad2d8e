import type { CallerInfo } from '../core/request.ts';

/** One bearer token and whom it stands for. */
export type AccessToken = {
  readonly value: string;
  readonly caller: Pick<CallerInfo, 'tenant' | 'team' | 'user'>;
  /** Of this token alone; absent for no limit. */
  readonly requestsPerMinute?: number;
  /** Requests of this token at the same time; absent for no limit. */
  readonly concurrency?: number;
};

/**
 * How the server behaves towards the network: the section `server` of the configuration, resolved. Read
 * anew for each request, since a reload changes all but host, port and the limits of the socket.
 */
export type HttpSettings = {
  readonly host: string;
  /** 0 for any free one. */
  readonly port: number;
  /** `open`: nobody has to say who he is. Only on loopback, and only when asked for by name. */
  readonly tokens: readonly AccessToken[] | 'open';
  /** Exact values of the Origin header. None: no web page may call. */
  readonly allowedOrigins: readonly string[];
  /** Names in the Host header beyond those of loopback, with or without a port. */
  readonly allowedHosts: readonly string[];
  /** Addresses and networks whose word is taken for whom they call for. */
  readonly trustedProxies: readonly string[];
  readonly bodyBytesMax: number;
  /** Sockets at the same time. */
  readonly connectionsMax: number;
  /** Requests at the same time, all callers together. */
  readonly requestsMax: number;
  /** A reader who takes nothing for so long is cut off. */
  readonly stalledReaderMs: number;
  /** From the first byte of a request to the last of its headers; 10 s when absent. */
  readonly headersMs?: number;
  /** From the first byte of a request to the last of its body; 60 s when absent. */
  readonly bodyMs?: number;
  /** Between two signs of life while a streamed answer has nothing to say; 15 s when absent. */
  readonly keepAliveMs?: number;
};
