// Unpacks a decoder once and leaves it, under a name made from its weights, where the components look for it.
export default function ({ data: [data] }) {
  const entry = arriving("explorerDecoders", data.name);
  if (entry.started) return;
  entry.started = true;
  inflate(data.packed).then((raw) => new Decoder(data.widths, floats(raw))).then(entry.resolve, entry.reject);
}

class Decoder {
  // widths: units of each layer, the latents first. weights: for each layer its rows (out, in), then its biases.
  constructor(widths, weights) {
    this.layers = [];
    let at = 0;
    for (let k = 0; k + 1 < widths.length; k++) {
      const [n, m] = [widths[k], widths[k + 1]];
      const rows = weights.subarray(at, at + n * m);
      const biases = weights.subarray(at + n * m, at + n * m + m);
      this.layers.push({ rows, biases, out: new Float32Array(m) });
      at += n * m + m;
    }
    this.pixels = new Float32Array(widths.at(-1));
  }

  // The log odds of each pixel at z. One array, filled anew each time.
  logits(z) {
    let units = z;
    for (const layer of this.layers) {
      const { rows, biases, out } = layer;
      const n = units.length;
      const isLast = layer === this.layers.at(-1);
      for (let o = 0, at = 0; o < out.length; o++) {
        let sum = biases[o];
        for (let i = 0; i < n; i++, at++) sum += rows[at] * units[i];
        out[o] = isLast ? sum : sum / (1 + Math.exp(-sum));
      }
      units = out;
    }
    return units;
  }

  // The probability of each pixel at z. One array, filled anew each time.
  decode(z) {
    const logits = this.logits(z);
    for (let p = 0; p < logits.length; p++) this.pixels[p] = 1 / (1 + Math.exp(-logits[p]));
    return this.pixels;
  }
}

// Numbers of half precision, two bytes each, the lower first.
function floats(raw) {
  const halves = new Uint16Array(raw.buffer, raw.byteOffset, raw.byteLength >> 1);
  return Float32Array.from(halves, (half) => {
    const exponent = (half >> 10) & 31;
    const fraction = half & 1023;
    const size = exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction;
    return half & 0x8000 ? -size : size;
  });
}
