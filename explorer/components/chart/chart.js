// Draws figures with plotly.js in one node that is never replaced. See __init__.py for what it is given and reports.
export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const chart = (parentElement.explorerChart ??= new Chart(parentElement));
  chart.receive(data, setStateValue, setTriggerValue);
  // Streamlit also calls the clean-up of a call it has superseded: only the loss of the node means the end.
  return () => parentElement.isConnected || chart.destroy();
}

const INSTANT = { mode: "immediate", frame: { duration: 0, redraw: false }, transition: { duration: 0 } };
const CONFIG = { responsive: true, displayModeBar: false, showTips: false, doubleClick: "reset" };

class Chart {
  constructor(parent) {
    this.root = make("figure", { className: "explorer-chart" });
    this.plot = make("div", { className: "plot", role: "img" });
    this.notice = make("div", { className: "notice", role: "status", textContent: "Loading the chart…" });
    this.tools = make("div", { className: "tools" });
    this.resetButton = this.button("Reset zoom", "Reset the zoom", () => this.resetZoom());
    this.button("PNG", "Save the figure as PNG", () => this.savePicture());
    this.csvButton = this.button("CSV", "Save the data as CSV", () => this.saveTable());
    this.films = make("div");
    this.caption = make("p", { className: "caption", ariaLive: "polite" });
    this.root.append(this.plot, this.tools, this.notice, this.films, this.caption);
    parent.append(this.root);
    this.rows = new Map();
    this.draws = 0;
    this.zoomResets = 0;
    this.resetButton.hidden = true;
    this.late = setTimeout(() => {
      this.notice.textContent = "The drawing library has not arrived yet. If this lasts, reload the page.";
    }, 20000);
    this.queue = Promise.resolve();
    this.onVisible = () => this.ask();
    document.addEventListener("visibilitychange", this.onVisible);
    this.resizes = new ResizeObserver(() => this.resize());
    this.resizes.observe(this.plot);
  }

  receive(data, setStateValue, setTriggerValue) {
    const isNew = data !== this.data;
    Object.assign(this, { data, setStateValue, setTriggerValue });
    // A change of theme calls again with the same data: nothing to ask for then.
    if (isNew) {
      clearTimeout(this.timer);
      this.owed = data.pull;
      this.plot.style.height = `${data.height}px`;
      this.plot.dataset.chartKey = data.key;
      this.plot.setAttribute("aria-label", data.alt);
      this.csvButton.hidden = !data.table;
      this.receiveFilms(data.films, data.answered);
    }
    this.redraw();
  }

  // Draws what was received last; a request superseded while plotly.js was busy is skipped.
  redraw() {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    this.queue = this.queue.then(() => (turn === this.turn && !this.gone ? this.draw() : null)).catch((error) => this.fail(error));
  }

  async draw() {
    const Plotly = await plotlyLoaded();
    if (this.gone) return;
    const theme = readTheme(this.root);
    const { data, layout } = themed(JSON.parse(this.data.figure), theme);
    this.narrow = isNarrow(this.plot);
    layout.template = template(theme, this.narrow);
    layout.uirevision = `${layout.uirevision ?? this.data.key}#${this.zoomResets}`;
    layout.autosize = true;
    delete layout.width;
    delete layout.height;
    if (this.moved) for (const [trace, values] of this.moved.frame()) assign(data[trace], values);
    await Plotly.react(this.plot, data, layout, CONFIG);
    if (this.gone) return;
    if (!this.draws) this.listen();
    clearTimeout(this.late);
    this.notice.hidden = true;
    this.plot.dataset.draws = ++this.draws;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), 50);
  }

  resize() {
    if (!this.draws || !this.plot.clientWidth) return; // in a tab that is not shown
    if (isNarrow(this.plot) === this.narrow) globalThis.Plotly.Plots.resize(this.plot);
    else this.redraw();
  }

  fail(error) {
    console.warn("chart:", error);
    clearTimeout(this.late);
    this.notice.hidden = false;
    this.notice.textContent = `This chart could not be drawn (${error.message}). Reloading the page may help.`;
  }

  listen() {
    this.plot.on("plotly_click", ({ points: [point] }) => {
      if (!this.data.clicks) return;
      const { x, y, z = null, curveNumber: curve, pointNumber = null } = point;
      this.setTriggerValue("click", { x, y, z, curve, point: pointNumber });
    });
    this.plot.on("plotly_relayout", (change) => {
      if (Object.keys(change).some((name) => /axis\d*\.(range|autorange)/.test(name))) this.resetButton.hidden = false;
    });
    this.plot.on("plotly_doubleclick", () => setTimeout(() => (this.resetButton.hidden = true)));
  }

  // Asks for the next batch, once a batch received, and only while somebody can see it.
  ask() {
    if (this.owed == null || this.gone || document.hidden || !this.root.isConnected || !this.draws) return;
    const number = this.owed;
    this.owed = null;
    this.setTriggerValue("next", number);
  }

  receiveFilms(films, answered) {
    for (const name of this.rows.keys()) if (!films.some((film) => film.name === name)) this.rows.delete(name);
    for (const film of films) {
      if (!this.rows.has(film.name)) this.rows.set(film.name, new FilmRow(this, film.name));
      this.rows.get(film.name).receive(film, answered[film.name]);
    }
    const elements = [...this.rows.values()].map((row) => row.element);
    // Replacing a node, even by itself, would take the focus from it.
    if (elements.length !== this.films.children.length || elements.some((element, i) => element !== this.films.children[i]))
      this.films.replaceChildren(...elements);
    if (this.moved && (!this.moved.ahead || this.rows.get(this.moved.name) !== this.moved)) this.moved = null;
    this.showCaption();
  }

  showCaption() {
    const row = this.moved ?? this.lastMoved ?? this.rows.values().next().value;
    const caption = row?.film.captions[row.index] ?? "";
    if (this.caption.textContent !== caption) this.caption.textContent = caption;
    this.caption.hidden = ![...this.rows.values()].some(({ film }) => film.captions.length);
  }

  // The hand moved a slider: at most one redraw a frame of the screen.
  move(row) {
    this.moved = this.lastMoved = row;
    this.showCaption();
    this.painting ??= requestAnimationFrame(() => {
      this.painting = null;
      if (this.gone || !this.draws || !this.moved) return;
      const start = performance.now();
      play(this.plot, this.moved.frame());
      performance.measure("chart.film", { start });
    });
  }

  release() {
    const film = {};
    for (const row of this.rows.values()) if (row.stamp) film[row.name] = [row.film.values[row.index], row.stamp];
    this.setStateValue("film", film);
  }

  button(text, title, action) {
    const button = make("button", { type: "button", textContent: text, title, ariaLabel: title, onclick: action });
    this.tools.append(button);
    return button;
  }

  resetZoom() {
    this.zoomResets += 1;
    this.resetButton.hidden = true;
    this.redraw();
  }

  async savePicture() {
    const { background } = readTheme(this.root);
    const { clientWidth: width, clientHeight: height, data, layout } = this.plot;
    const picture = { data, layout: { ...layout, paper_bgcolor: background } };
    const options = { format: "png", scale: 2, width, height };
    save(await globalThis.Plotly.toImage(picture, options), `${this.data.file}.png`);
  }

  saveTable() {
    const columns = this.data.table.map(({ name, block }) => ({ name, values: new Float64Array(bytes(block).buffer) }));
    const lines = [columns.map(({ name }) => (/[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name)).join(",")];
    const length = Math.max(...columns.map(({ values }) => values.length));
    for (let i = 0; i < length; i++) lines.push(columns.map(({ values }) => values[i] ?? "").join(","));
    const url = URL.createObjectURL(new Blob([lines.join("\n"), "\n"], { type: "text/csv" }));
    save(url, `${this.data.file}.csv`);
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }

  destroy() {
    if (this.gone) return;
    this.gone = true;
    clearTimeout(this.timer);
    clearTimeout(this.late);
    cancelAnimationFrame(this.painting);
    document.removeEventListener("visibilitychange", this.onVisible);
    this.resizes.disconnect();
    if (this.draws) globalThis.Plotly.purge(this.plot);
  }
}

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

// Plotly.animate for the x and y of scatter traces, less the checks that take most of its time. It reaches into plotly.js
// (tests/browser holds it to that); whatever does not fit goes through Plotly.animate.
function playScatter(plot, frame) {
  const { data, calcdata, _fullData: traces, _fullLayout: layout } = plot;
  const fits = ([i, values]) => traces[i].type === "scatter" && Object.keys(values).every((name) => name === "x" || name === "y");
  const cartesian = layout._basePlotModules.find(({ name }) => name === "cartesian");
  if (!cartesian || !frame.every(fits)) return false;
  for (const [i, values] of frame) {
    const trace = Object.assign(traces[i], values);
    Object.assign(data[i], values);
    trace._length = Math.min(trace.x.length, trace.y.length);
    if (trace.visible !== true) continue;
    calcdata[i] = trace._module.calc(plot, trace);
    Object.assign(calcdata[i][0], { trace, t: {} });
  }
  cartesian.plot(plot);
  return true;
}

// loader.js settles this promise, whether it comes before the first chart or after it.
function plotlyLoaded() {
  const parts = {};
  globalThis.explorerPlotly ??= Object.assign(parts, {
    promise: new Promise((resolve, reject) => Object.assign(parts, { resolve, reject })),
  });
  return globalThis.explorerPlotly.promise;
}

function make(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}

function save(href, download) {
  make("a", { href, download }).click();
}

function bytes(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function nearest(values, value) {
  return values.reduce((best, candidate, i) => (Math.abs(candidate - value) < Math.abs(values[best] - value) ? i : best), 0);
}

// As many decimals as tell neighbours apart, so that the width does not dance.
function readable(values, i) {
  const gaps = values.slice(1).map((value, j) => Math.abs(value - values[j]));
  const decimals = Math.min(3, Math.max(0, Math.ceil(-Math.log10(Math.min(...gaps, 1)) - 1e-9)));
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

function readTheme(element) {
  const style = getComputedStyle(element);
  const read = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const text = read("text-color") || "#31333f";
  const fade = (share) => faded(text, share);
  return { text, fade, font: read("font"), background: read("background-color") || "#fff" };
}

function faded(color, share) {
  const context = (faded.context ??= document.createElement("canvas").getContext("2d"));
  context.fillStyle = color;
  const [r, g, b] = context.fillStyle.match(/^#(..)(..)(..)$/)?.slice(1).map((pair) => parseInt(pair, 16)) ?? [128, 128, 128];
  return `rgba(${r}, ${g}, ${b}, ${share})`;
}

// The figure with the colours that follow the theme put in, in place.
function themed(figure, theme) {
  const colors = {
    "var(--theme-text)": theme.text, "var(--theme-background)": theme.background, "var(--theme-faint)": theme.fade(0.25),
  };
  const walk = (value) => {
    if (typeof value === "string") return colors[value] ?? value;
    if (value && typeof value === "object") for (const name in value) if (name !== "bdata") value[name] = walk(value[name]);
    return value;
  };
  return walk(figure);
}

function isNarrow(plot) {
  return plot.clientWidth < 480;
}

function template(theme, narrow) {
  const axis = {
    gridcolor: theme.fade(0.1), linecolor: theme.fade(0.4), zerolinecolor: theme.fade(0.2), tickcolor: theme.fade(0.4),
    zerolinewidth: 1, automargin: true, title: { standoff: 8, font: { size: narrow ? 12 : 14 } },
  };
  const colorbar = { outlinewidth: 0, thickness: 12 };
  const solid = { ...axis, backgroundcolor: "rgba(0,0,0,0)", color: theme.text };
  return {
    layout: {
      font: { family: theme.font, color: theme.text, size: narrow ? 12 : 14 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      margin: narrow ? { l: 36, r: 8, t: 32, b: 36 } : { l: 48, r: 12, t: 32, b: 40 },
      // On a touch screen a drag scrolls the page.
      dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
      hoverlabel: { bgcolor: theme.background, bordercolor: theme.fade(0.4), font: { color: theme.text } },
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)" },
      xaxis: axis,
      yaxis: axis,
      scene: { xaxis: solid, yaxis: solid, zaxis: solid },
      coloraxis: { colorbar },
    },
    data: { heatmap: [{ colorbar }], contour: [{ colorbar }] },
  };
}
