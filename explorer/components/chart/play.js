// New numbers in a picture that is drawn already, without drawing the rest again. One text with chart.js.
//
// It reaches into plotly.js, and the browser tests hold it to the picture that plotly.js would have drawn. Whatever does
// not fit goes through Plotly.animate or Plotly.react.
const INSTANT = { mode: "immediate", frame: { duration: 0, redraw: false }, transition: { duration: 0 } };
const QUICK = new Set(["x", "y", "marker.size"]);

// A frame of a film: [[trace, {attribute: values}], …].
function play(plot, frame) {
  try {
    if (fits(plot, frame)) return frame.map(([i, values]) => put(plot, i, values)).forEach((move) => move());
  } catch (error) {
    console.warn("chart: film without the short cut:", error);
  }
  // All traces are named: Plotly empties a panel of which none is.
  const data = plot.data.map(() => ({}));
  for (const [i, values] of frame) assign(data[i], values);
  globalThis.Plotly.animate(plot, { data, traces: data.map((_, i) => i) }, INSTANT);
}

// A live update; false where it does not fit and all is to be drawn.
async function moveOn(plot, { frame, layout }) {
  if (!fits(plot, frame)) return false;
  const before = beforeZoom(plot);
  const ranges = {};
  const others = {};
  for (const [path, value] of layout) {
    if (JSON.stringify(valueAt(plot.layout, path)) === JSON.stringify(value)) continue;
    const isRange = path.endsWith(".range");
    if (isRange && `${path}[0]` in before) continue; // the visitor has zoomed here
    (isRange ? ranges : others)[path.replace(/\.(\d+)\./, "[$1].")] = value;
  }
  const moves = frame.map(([i, values]) => put(plot, i, values));
  // Plotly draws every trace anew where an axis has changed, and ranges alone are its shortest way.
  if (Object.keys(ranges).length) await globalThis.Plotly.relayout(plot, ranges);
  else moves.forEach((move) => move());
  if (Object.keys(others).length) await globalThis.Plotly.relayout(plot, others);
  return true;
}

// Dots and lines on fixed axes of numbers, without parts that follow from their values or from another trace's.
function fits({ _fullData: traces, _fullLayout: { _plots: panels } }, frame) {
  return frame.every(([i, values]) => {
    const trace = traces[i];
    const panel = panels[trace.xaxis + trace.yaxis];
    return (
      trace.type === "scatter" && trace.visible === true && !trace.stackgroup && !trace.fill.startsWith("tonext") &&
      !trace.error_x?.visible && !trace.error_y?.visible && Object.keys(values).every((name) => QUICK.has(name)) &&
      [panel.xaxis, panel.yaxis].every(({ type, autorange }) => (type === "linear" || type === "log") && !autorange)
    );
  });
}

// Puts values where Plotly keeps those of a trace, for its hover and its next drawing too. Returns what draws them.
function put(plot, i, values) {
  const trace = plot._fullData[i];
  const panel = plot._fullLayout._plots[trace.xaxis + trace.yaxis];
  assign(trace, values);
  assign(plot.data[i], values);
  const length = Math.min(trace.x.length, trace.y.length);
  const isSized = "marker.size" in values;
  if (!isSized && length === trace._length && length === plot.calcdata[i].length) {
    plot.calcdata[i].forEach((point, j) => {
      const [x, y] = [trace.x[j], trace.y[j]];
      const isPlace = Number.isFinite(x) && Number.isFinite(y);
      point.x = isPlace ? x : undefined;
      point.y = isPlace ? y : undefined;
    });
    if (trace.mode === "markers") return () => shift(plot.calcdata[i], panel) || drawTrace(plot, panel, i);
  } else {
    if (isSized && Object.keys(values).length === 1 && resize(plot.calcdata[i], trace)) return () => {};
    trace._length = length;
    plot.calcdata[i] = trace._module.calc(plot, trace);
    Object.assign(plot.calcdata[i][0], { trace, t: {} });
  }
  return () => drawTrace(plot, panel, i);
}

// Dots that only change their sizes, at once. false where they are no plain circles, or one comes or goes.
function resize(points, { mode, marker: { symbol, size, sizemode, sizeref } }) {
  const marks = points[0].node3?.node().querySelectorAll(".points > path.point") ?? [];
  const isPlain = mode === "markers" && symbol === "circle" && sizemode === "diameter" && sizeref === 1;
  if (!isPlain || marks.length !== points.length || size.length !== points.length || !size.every((each) => each > 0))
    return false;
  points.forEach((point, j) => {
    [point.ms, point.mrc] = [size[j], size[j] / 2];
    const radius = Math.round(50 * size[j]) / 100;
    const arc = `A${radius},${radius} 0`;
    marks[j].setAttribute("d", `M${radius},0${arc} 1,1 0,-${radius}${arc} 0,1 ${radius},0Z`);
  });
  return true;
}

// Dots that only change their places. false where one comes or goes.
function shift(points, { xaxis, yaxis }) {
  const marks = points[0].node3.node().querySelectorAll(".points > path.point");
  const places = points.map(({ x, y }) => [xaxis.c2p(x), yaxis.c2p(y)]);
  if (marks.length !== places.length || !places.flat().every(Number.isFinite)) return false;
  places.forEach(([x, y], j) => marks[j].setAttribute("transform", `translate(${x},${y})`));
  return true;
}

function drawTrace(plot, panel, i) {
  const points = plot.calcdata[i];
  // With a transition, Plotly leaves the traces that are not named as they are.
  points[0].trace._module.plot(plot, panel, [points], panel.plot.selectAll(".scatterlayer"), { duration: 0 });
}
