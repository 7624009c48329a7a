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

/** The first changes of a piece, with one unchanged line before them, and one after the run of changed lines that they end in. */
export function trimmed(piece: Piece, most: number): Piece {
  const isChanged = ({ kind }: Line) => kind !== "context";
  const first = piece.lines.findIndex(isChanged);
  const from = Math.max(first - 1, 0);
  const last = Math.max(first, ...linesOf(piece).slice(0, most));
  const end = piece.lines.findIndex((line, i) => i > last && !isChanged(line));
  const lines = piece.lines.slice(from, end < 0 ? undefined : end + 1);
  return { ...piece, oldStart: piece.oldStart + from, newStart: piece.newStart + from, lines, changes: piece.changes.slice(0, most) };
}

/** Which line of a piece each of its changes is about: the index of the line, by the index of the change. */
export function linesOf({ lines, changes, oldStart }: Piece): number[] {
  const taken = new Set<number>();
  return changes.map(({ field, to, line }) => {
    const name = new RegExp(`(^|[^\\w-])${field.replaceAll(/[^\w-]/g, "\\$&")}([^\\w-]|$)`);
    const free = (fits: (line: Line, old: number) => boolean) => {
      let old = oldStart;
      return lines.findIndex((one, i) => fits(one, one.kind === "added" ? old : old++) && one.kind !== "context" && !taken.has(i));
    };
    const found = [
      free(({ kind, text }) => kind === "added" && name.test(text)),
      free(({ kind }, old) => kind === "removed" && old === line),
      free(({ kind, text }) => kind === "added" && to !== null && text.includes(to)),
      free(() => true),
    ].find((index) => index >= 0);
    if (found !== undefined) taken.add(found);
    return found ?? -1;
  });
}
