// Module hooks that put edited sources in the place of files. They run in a thread of their own.

let sources = {};

export function initialize(data) {
  sources = data.sources;
}

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  const source = sources[url.replace(/[?#].*$/, "")];
  return source === undefined ? loaded : { ...loaded, source };
}
