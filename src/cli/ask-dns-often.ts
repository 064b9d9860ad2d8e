/**
 * The system's library waits five seconds before it asks a name server once more, which is all that a connection may
 * take: one packet lost on the way, and the provider could not be reached. It also holds the end of the process up as
 * long as it asks. For glibc, in the words of resolv.conf(5); elsewhere nobody reads it.
 */
export function askDnsOften(env: NodeJS.ProcessEnv = process.env): void {
  env.RES_OPTIONS ??= 'timeout:1 attempts:4';
}
