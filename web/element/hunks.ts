/** Hunks as they are shown: none reaches from one document into another. */
import type { Change, Hunk, Line } from "../../wasm/npm/src/api.js";

/** A hunk of one document, with its changes. */
export interface Piece extends Hunk {
  changes: Change[];
}

const separates = (line: Line): boolean => line.kind === "context" && /^(---|\.\.\.)(\s|$)/.test(line.text);

/** The parts of a hunk that lie in one document each and change something. */
export function pieces(hunk: Hunk, changes: readonly Change[]): Piece[] {
  const all: Piece[] = [];
  let before = hunk.oldStart + (hunk.oldLines === 0 ? 1 : 0);
  let after = hunk.newStart + (hunk.newLines === 0 ? 1 : 0);
  const begin = (): Piece => ({ oldStart: before, oldLines: 0, newStart: after, newLines: 0, lines: [], changes: [] });
  let piece = begin();
  for (const line of hunk.lines) {
    if (line.kind !== "added") before++;
    if (line.kind !== "removed") after++;
    if (separates(line)) {
      all.push(piece);
      piece = begin();
      continue;
    }
    if (line.kind !== "added") piece.oldLines++;
    if (line.kind !== "removed") piece.newLines++;
    piece.lines.push(line);
  }
  all.push(piece);
  const changed = all.filter(({ lines }) => lines.some(({ kind }) => kind !== "context"));
  let current = changed[0];
  for (const change of changes) {
    const { line } = change;
    // What has no line of its own belongs to the change before it.
    if (line !== null) current = changed.find((one) => line <= one.oldStart + one.oldLines) ?? changed.at(-1);
    current?.changes.push(change);
  }
  return changed;
}
