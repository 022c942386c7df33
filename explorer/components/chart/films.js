// A slider that plays the frames the server computed. One text with chart.js.
const INSTANT = { mode: "immediate", frame: { duration: 0, redraw: false }, transition: { duration: 0 } };

// One slider and the frames it plays. `index` is the frame under the hand, `film.start` the one the server drew.
class FilmRow {
  constructor(chart, name) {
    this.name = name;
    const id = `film-${Math.random().toString(36).slice(2)}`;
    this.element = make("div", { className: "film" });
    this.label = make("label", { htmlFor: id });
    this.input = make("input", { type: "range", id, min: 0, step: 1 });
    this.input.dataset.film = name;
    this.output = make("output", { htmlFor: id, ariaLive: "off" });
    this.element.append(this.label, this.input, this.output);
    const release = () => {
      if (!this.unsent) return;
      this.unsent = false;
      this.stamp = performance.timeOrigin + performance.now();
      chart.release();
    };
    const listen = (events, action) => events.split(" ").forEach((event) => this.input.addEventListener(event, action));
    listen("input", () => {
      this.index = this.input.valueAsNumber;
      this.ahead = true;
      this.show();
      chart.move(this);
    });
    listen("pointerdown", () => (this.held = true));
    listen("pointerup pointercancel blur", () => (this.held = false));
    // A key held down makes a change a repeat: one release when it is up again is enough.
    listen("keydown", ({ key }) => (this.held = key !== "Tab"));
    listen("keyup blur", () => {
      this.held = false;
      release();
    });
    listen("change", () => {
      this.unsent = true;
      if (!this.held) release();
    });
    listen("pointerup", () => setTimeout(release));
  }

  // `answered` is the stamp of the last release the server has seen; until it is ours the hand is ahead of the server.
  receive(film, answered) {
    const value = this.film?.values[this.index];
    const keep = this.ahead && (this.held || this.unsent || (this.stamp && this.stamp !== answered));
    this.film = film;
    this.blocks = null;
    this.index = keep ? nearest(film.values, value) : film.start;
    this.ahead = keep;
    this.label.textContent = film.label;
    this.input.max = film.values.length - 1;
    if (this.input.valueAsNumber !== this.index) this.input.value = this.index;
    this.show();
  }

  show() {
    const text = readable(this.film.values, this.index);
    this.output.textContent = text;
    this.input.setAttribute("aria-valuetext", text);
  }

  // [[trace, {attribute: values}], …] of the frame under the hand; the blocks are decoded when first needed.
  frame() {
    this.blocks ??= this.film.updates.map(({ block }) => new Float32Array(bytes(block).buffer));
    const traces = new Map();
    this.film.updates.forEach(({ trace, attribute, width }, i) => {
      if (!traces.has(trace)) traces.set(trace, {});
      const block = this.blocks[i];
      traces.get(trace)[attribute] = width ? block.subarray(this.index * width, (this.index + 1) * width) : block[this.index];
    });
    return [...traces];
  }
}

function play(plot, frame) {
  try {
    if (playScatter(plot, frame)) return;
  } catch (error) {
    console.warn("chart: film without the short cut:", error);
  }
  const data = frame.map(([, values]) => assign({}, values));
  globalThis.Plotly.animate(plot, { data, traces: frame.map(([trace]) => trace) }, INSTANT);
}

const QUICK = new Set(["x", "y", "marker.size"]);

// Plotly.animate for scatter traces' x, y and size of dots, less the checks that take most of its time. It reaches into plotly.js
// (tests/browser holds it to that); whatever does not fit goes through Plotly.animate.
function playScatter(plot, frame) {
  const { data, calcdata, _fullData: traces, _fullLayout: layout } = plot;
  const fits = ([i, values]) => traces[i].type === "scatter" && Object.keys(values).every((name) => QUICK.has(name));
  const cartesian = layout._basePlotModules.find(({ name }) => name === "cartesian");
  if (!cartesian || !frame.every(fits)) return false;
  for (const [i, values] of frame) {
    const trace = traces[i];
    assign(trace, values);
    assign(data[i], values);
    trace._length = Math.min(trace.x.length, trace.y.length);
    if (trace.visible !== true) continue;
    calcdata[i] = trace._module.calc(plot, trace);
    Object.assign(calcdata[i][0], { trace, t: {} });
  }
  cartesian.plot(plot);
  return true;
}

function nearest(values, value) {
  return values.reduce((best, candidate, i) => (Math.abs(candidate - value) < Math.abs(values[best] - value) ? i : best), 0);
}

// As many decimals as tell neighbours apart, so that the width does not dance.
function readable(values, i) {
  const gaps = values.slice(1).map((value, j) => Math.abs(value - values[j]));
  const decimals = Math.min(3, Math.max(0, Math.ceil(-Math.log10(Math.min(...gaps, 1)) - 0.01)));
  return values[i].toFixed(decimals).replace(/^-(?=[0.]+$)/, "").replace("-", "−");
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
