// The buttons over a picture: its zoom undone, the picture and its numbers saved. One text with chart.js.
class Tools {
  constructor(chart) {
    this.chart = chart;
    this.element = make("div", { className: "tools" });
    this.reset = this.button("reset", () => chart.resetZoom());
    this.button("png", () => this.savePicture());
    this.csv = this.button("csv", () => this.saveTable());
    this.reset.hidden = true;
  }

  button(name, action) {
    const title = WORDS[`${name}_hint`];
    const button = make("button", { type: "button", textContent: WORDS[name], title, ariaLabel: title, onclick: action });
    this.element.append(button);
    return button;
  }

  async savePicture() {
    const { background } = readTheme(this.chart.root);
    const { clientWidth: width, clientHeight: height, data, layout } = this.chart.plot;
    const picture = { data, layout: { ...layout, paper_bgcolor: background } };
    const options = { format: "png", scale: 2, width, height };
    save(await globalThis.Plotly.toImage(picture, options), `${this.chart.data.file}.png`);
  }

  saveTable() {
    const { table, file } = this.chart.data;
    const columns = table.map(({ name, block }) => ({ name, values: new Float64Array(bytes(block).buffer) }));
    const lines = [columns.map(({ name }) => (/[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name)).join(",")];
    const length = Math.max(...columns.map(({ values }) => values.length));
    for (let i = 0; i < length; i++) lines.push(columns.map(({ values }) => values[i] ?? "").join(","));
    const url = URL.createObjectURL(new Blob([lines.join("\n"), "\n"], { type: "text/csv" }));
    save(url, `${file}.csv`);
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }
}

function save(href, download) {
  make("a", { href, download }).click();
}
