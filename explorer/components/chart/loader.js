// Runs plotly.js once a visit, from its address or from the bytes sent. Charts wait for globalThis.explorerPlotly.promise.
export default function ({ data, setTriggerValue }) {
  const plotly = (globalThis.explorerPlotly ??= Promise.withResolvers?.() ?? deferred());
  if (!data) return;
  const byMessage = data instanceof Uint8Array;
  // A second call brings the bytes only after the address has failed.
  if (plotly.started && !(byMessage && plotly.failed)) return;
  plotly.started = true;
  plotly.failed = false;
  const running = byMessage ? inflated(data).then(run) : run(address(data[0]));
  running.then(
    () => plotly.resolve(globalThis.Plotly),
    (error) => {
      if (byMessage) return plotly.reject(error);
      plotly.failed = true;
      setTriggerValue("unreachable", true);
    },
  );
}

function deferred() {
  const parts = {};
  parts.promise = new Promise((resolve, reject) => Object.assign(parts, { resolve, reject }));
  return parts;
}

// Beside Streamlit's own scripts, wherever a proxy has put them.
function address(name) {
  const own = [...document.scripts].map(({ src }) => src).find((src) => /\/static\/js\//.test(src));
  return own ? own.replace(/\/static\/js\/.*/, `/app/static/${name}`) : new URL(`app/static/${name}`, document.baseURI).href;
}

async function inflated(gzipped) {
  const stream = new Blob([gzipped]).stream().pipeThrough(new DecompressionStream("gzip"));
  return URL.createObjectURL(new Blob([await new Response(stream).blob()], { type: "text/javascript" }));
}

async function run(url) {
  await new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: url, onload: resolve });
    script.onerror = () => reject(new Error("plotly.js did not run"));
    document.head.append(script);
  });
  if (url.startsWith("blob:")) URL.revokeObjectURL(url);
}
