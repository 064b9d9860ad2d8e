const NAME_BYTES_MAX = 256;

/**
 * May this text stand for a model? Vendors' names hold letters, digits, slashes, colons and such;
 * white space, control characters, `..` and `://` have no business in something that ends in a URL.
 */
export function isModelName(name: string): boolean {
  return (
    /^[^\p{C}\s]+$/u.test(name) &&
    !name.includes('..') &&
    !name.includes('://') &&
    Buffer.byteLength(name) <= NAME_BYTES_MAX
  );
}
