/** A nominal type: `Brand<number, 'NanoUsd'>` cannot be mixed up with a plain number. */
export type Brand<Base, Name extends string> = Base & { readonly __brand: Name };
