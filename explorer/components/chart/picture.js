// A picture in the browser: its still part, kept for the visit by the chart's key, and what moves in it. One text with
// chart.js.
const STILLS = (globalThis.explorerStills ??= new Map());

function keepStill({ key, still }) {
  if (still.figure) STILLS.set(key, still);
}

// {key: id}, as the server is told.
function heldStills() {
  return Object.fromEntries([...STILLS].map(([key, { id }]) => [key, id]));
}

// The still part that a message means; null where it is not here.
function stillOf({ key, still: { id } }) {
  const still = STILLS.get(key);
  return still?.id === id ? JSON.parse(still.figure) : null;
}

// What a message moves: frame [[trace, {attribute: values}], …] and layout [[path, value], …].
function movingOf({ moving }) {
  const { data, layout } = JSON.parse(moving);
  const traces = new Map();
  for (const [trace, attribute, values] of data) {
    if (!traces.has(trace)) traces.set(trace, {});
    traces.get(trace)[attribute] = numbers(values);
  }
  return { frame: [...traces], layout };
}

const NUMBERS = { f8: Float64Array, f4: Float32Array, u1: Uint8Array };

function numbers(values) {
  return values?.bdata && !values.shape ? new NUMBERS[values.dtype](bytes(values.bdata).buffer) : values;
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

// assign(trace, {"marker.size": …}) sets trace.marker.size.
function assign(target, values) {
  for (const [path, value] of Object.entries(values)) {
    const names = path.split(".");
    const last = names.pop();
    names.reduce((inner, name) => (inner[name] ??= {}), target)[last] = value;
  }
  return target;
}

function valueAt(target, path) {
  return path.split(".").reduce((inner, name) => inner?.[name], target);
}

// What the ranges of the axes were before the visitor zoomed: {"xaxis.range[0]": …}. Plotly keeps a zoom for as long as
// a new layout agrees with it.
function beforeZoom(plot) {
  return plot._fullLayout?._preGUI ?? {};
}

// A range that moves would end the visitor's zoom: as long as the still part is the same, the layout says for a zoomed
// axis what it said before. With another still part the zoom of such an axis ends.
function keepZoom(plot, layout, moved, revision) {
  for (const [path] of moved) {
    const axis = layout[/^([xy]axis\d*)\.range$/.exec(path)?.[1]];
    if (!axis) continue;
    axis.uirevision = revision;
    const before = beforeZoom(plot);
    if (valueAt(plot.layout, path.replace("range", "uirevision")) === revision && `${path}[0]` in before)
      axis.range = [before[`${path}[0]`], before[`${path}[1]`]];
  }
}
