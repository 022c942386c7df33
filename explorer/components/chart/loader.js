// Inflates and runs plotly.js once a visit. Charts wait for globalThis.explorerPlotly.promise.
export default function ({ data }) {
  const plotly = (globalThis.explorerPlotly ??= Promise.withResolvers?.() ?? deferred());
  if (plotly.started || !data) return;
  plotly.started = true;
  run(data).then(() => plotly.resolve(globalThis.Plotly), plotly.reject);
}

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

async function run(gzipped) {
  const inflated = new Blob([gzipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  const source = await new Response(inflated).blob();
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  await new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = url;
    script.onload = resolve;
    script.onerror = () => reject(new Error("plotly.js did not run"));
    document.head.append(script);
  });
  URL.revokeObjectURL(url);
}
