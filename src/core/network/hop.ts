/** Marks a request that Signalbox sends to a provider; one that comes in with it went in a circle. */
export const HOP_HEADER = 'x-signalbox-hop';
