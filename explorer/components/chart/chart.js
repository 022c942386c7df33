// Draws figures with plotly.js in one node that is never replaced. See __init__.py for what it is given and reports.
// With films.js and theme.js it travels once a visit; mount.js, which travels with every figure, hands each figure over.
const CONFIG = { responsive: true, displayModeBar: false, showTips: false, doubleClick: "reset" };

export default function () {
  globalThis.explorerMount = ({ data: [data], parentElement, setStateValue, setTriggerValue }) => {
    parentElement.explorerChart ??= new Chart(parentElement);
    parentElement.explorerChart.receive(data, setStateValue, setTriggerValue);
  };
  globalThis.explorerWaiting?.forEach(globalThis.explorerMount);
  globalThis.explorerWaiting?.clear();
}

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
    // Streamlit joins a request that comes while it changes the page to that change, and then runs the old page again:
    // none on the way out, however long the server takes. The new page's first message ends this chart.
    this.path = location.pathname;
    this.onLeave = (event) => {
      if (this.isLeft(event)) this.leaving = performance.now() + 60000;
    };
    document.addEventListener("click", this.onLeave, true);
    addEventListener("popstate", this.onLeave);
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

  // Whether the event takes the visitor to another page of the app in this tab.
  isLeft({ type, target, ctrlKey, metaKey, shiftKey }) {
    if (type === "popstate") return location.pathname !== this.path;
    const link = target.closest?.("a[href]");
    if (!link || link.target === "_blank" || ctrlKey || metaKey || shiftKey) return false;
    return link.origin === location.origin && link.pathname !== this.path;
  }

  // Asks for the next batch, once a batch received, and only while somebody can see it.
  ask() {
    if (performance.now() < this.leaving) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.ask(), 500);
      return;
    }
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
    // The caption of a film that is gone says nothing of the ones that came.
    if (this.rows.get(this.lastMoved?.name) !== this.lastMoved) this.lastMoved = null;
    this.showCaption();
  }

  showCaption() {
    const row = this.moved ?? this.lastMoved ?? this.rows.values().next().value;
    // A number's sign as the sliders show it.
    const caption = (row?.film.captions[row.index] ?? "").replace(/(?<![\w-])-(?=\d)/g, "−");
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
    document.removeEventListener("click", this.onLeave, true);
    removeEventListener("popstate", this.onLeave);
    this.resizes.disconnect();
    if (this.draws) globalThis.Plotly.purge(this.plot);
  }
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
