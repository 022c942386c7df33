// Streamlit's theme, and every font and margin, put into a picture. One text with chart.js.
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
    "var(--theme-text)": theme.text, "var(--theme-background)": theme.background, "var(--theme-mark)": theme.fade(0.55), "var(--theme-faint)": theme.fade(0.25),
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
      font: { family: theme.font, color: theme.text, size: 15 },
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      margin: { l: 58, r: 14, t: 30, b: 48 },
      hovermode: "closest",
      dragmode: false,
      hoverlabel: { bgcolor: theme.background, bordercolor: theme.fade(0.4), font: { color: theme.text } },
      legend: { orientation: "h", x: 0, xanchor: "left", y: 1, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)" },
      xaxis: axis,
      yaxis: axis,
      scene: { xaxis: solid, yaxis: solid, zaxis: solid },
      coloraxis: { colorbar },
    },
    data: { heatmap: [{ colorbar }], contour: [{ colorbar }] },
  };
}
