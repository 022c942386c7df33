// Unpacks an atlas once and leaves it, under a name made from its content, where the pad looks for it.
export default function ({ data: [data] }) {
  const entry = arriving("explorerAtlases", data.name);
  if (entry.started) return;
  entry.started = true;
  inflate(data.packed)
    .then((cells) => mosaic(cells, data.size, data.side))
    .then(entry.resolve, entry.reject);
}

// The pictures of the cells side by side on one canvas: row 0 of the cells is the lowest z2.
function mosaic(cells, size, side) {
  const length = size * side;
  const canvas = Object.assign(make("canvas"), { width: length, height: length });
  const context = canvas.getContext("2d");
  const image = context.createImageData(length, length);
  const ink = new Uint32Array(image.data.buffer);
  for (let y = 0, p = 0; y < length; y++) {
    const row = (size - 1 - Math.floor(y / side)) * size;
    for (let x = 0; x < length; x++, p++) {
      const grey = cells[((row + Math.floor(x / side)) * side + (y % side)) * side + (x % side)];
      ink[p] = 0xff000000 | (grey * 0x010101);
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}
