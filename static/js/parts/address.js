// Where the hub is: three folders above this script, whatever a proxy puts before it.

const ROOT = new URL("../../../", import.meta.url);

/** The address on this host of a place of the hub that is named from its root, like "/api/runs". */
export function at(place) {
  const { pathname, search } = new URL(place.replace(/^\//, ""), ROOT);
  return pathname + search;
}
