import type { Route } from './http-types.ts';

/** Every endpoint. A new one is one file and one line here. */
export const ROUTES: readonly Route[] = [];
