// Inflates an atlas once and leaves it, under a name made from its content, where the pad looks for it.
export default function ({ data: [data] }) {
  const atlases = (globalThis.explorerAtlases ??= new Map());
  const entry = atlases.get(data.name) ?? deferred();
  atlases.set(data.name, entry);
  if (entry.started) return;
  entry.started = true;
  inflate(data.packed).then(entry.resolve, entry.reject);
}

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

async function inflate(base64) {
  const packed = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const inflated = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(inflated).arrayBuffer());
}
