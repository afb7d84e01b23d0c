// Where the hub is: three folders above this script, whatever a proxy puts before it.

const ROOT = new URL("../../../", import.meta.url);

/**
 * The address on this host of what the hub has at a path from its root, like "/api/runs".
 * @param {string} path
 */
export function at(path) {
  const { pathname, search } = new URL(path.replace(/^\//, ""), ROOT);
  return pathname + search;
}
