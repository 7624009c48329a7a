/** Pictures in few bytes: a screenshot has few colors, and a palette of them is a third of what a browser writes. */
import { crc32, deflateSync, inflateSync } from "node:zlib";

const SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** The most colors of a palette. */
const MOST = 256;

interface Picture {
  width: number;
  height: number;
  /** Three bytes a pixel. */
  colors: Buffer;
}

/** Width and height of a picture. */
export const sizeOf = (png: Buffer): { width: number; height: number } => ({ width: png.readUInt32BE(16), height: png.readUInt32BE(20) });

/** The same picture with a palette. Colors that are not among the most frequent ones become the nearest of those. */
export function withPalette(png: Buffer): Buffer {
  const { width, height, colors } = decode(png);
  const times = new Map<number, number>();
  for (let i = 0; i < colors.length; i += 3) {
    const color = colors.readUIntBE(i, 3);
    times.set(color, (times.get(color) ?? 0) + 1);
  }
  const palette = [...times].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, MOST).map(([color]) => color);
  const index = new Map(palette.map((color, i) => [color, i]));
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const color = colors.readUIntBE((y * width + x) * 3, 3);
      let at = index.get(color);
      if (at === undefined) index.set(color, (at = nearest(palette, color)));
      rows[y * (width + 1) + 1 + x] = at;
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  const table = Buffer.concat(palette.map((color) => Buffer.from([color >> 16, (color >> 8) & 255, color & 255])));
  return Buffer.concat([SIGNATURE, chunk("IHDR", head), chunk("PLTE", table), chunk("IDAT", deflateSync(rows, { level: 9, memLevel: 9 })), chunk("IEND", Buffer.alloc(0))]);
}

function nearest(palette: readonly number[], color: number): number {
  const far = (other: number) => [16, 8, 0].reduce((sum, shift) => sum + (((color >> shift) & 255) - ((other >> shift) & 255)) ** 2, 0);
  return palette.reduce((best, other, i) => (far(other) < far(palette[best] ?? 0) ? i : best), 0);
}

/** Reads what a browser writes: eight bits a channel, with or without alpha. */
function decode(png: Buffer): Picture {
  const { width, height } = sizeOf(png);
  const [depth, kind] = [png[24], png[25]];
  if (depth !== 8 || (kind !== 2 && kind !== 6)) throw new Error(`a picture of depth ${depth} and kind ${kind}`);
  const step = kind === 2 ? 3 : 4;
  const data: Buffer[] = [];
  for (let at = 8; at < png.length; ) {
    const length = png.readUInt32BE(at);
    if (png.toString("latin1", at + 4, at + 8) === "IDAT") data.push(png.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const raw = inflateSync(Buffer.concat(data));
  const stride = width * step;
  const lines = Buffer.alloc(stride * height);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)] ?? 0;
    for (let x = 0; x < stride; x++) {
      const left = x >= step ? (lines[y * stride + x - step] ?? 0) : 0;
      const up = y > 0 ? (lines[(y - 1) * stride + x] ?? 0) : 0;
      const corner = x >= step && y > 0 ? (lines[(y - 1) * stride + x - step] ?? 0) : 0;
      lines[y * stride + x] = (raw[y * (stride + 1) + 1 + x] ?? 0) + predicted(filter, left, up, corner);
    }
  }
  if (step === 3) return { width, height, colors: lines };
  const colors = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) lines.copy(colors, i * 3, i * 4, i * 4 + 3);
  return { width, height, colors };
}

/** What a filter of PNG expects of a byte, by those before it. */
function predicted(filter: number, left: number, up: number, corner: number): number {
  if (filter < 3) return [0, left, up][filter] ?? 0;
  if (filter === 3) return (left + up) >> 1;
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

function chunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
