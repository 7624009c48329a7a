/** Places count as JavaScript does: `text.slice(place.start, place.end)` is what a finding is about, whatever stands before it. */
import { type Finding, init, type Place, transform } from "calico-ipv6";
import { beforeAll, describe, expect, test } from "vitest";
import { type Case, cases } from "./cases.ts";

beforeAll(() => init());

/** Characters of one, two, three and four bytes; the last ones are two UTF-16 code units each. */
const comment = "# größer – 日本 🐈👩‍👩‍👧\n";

const findings = (text: string, { target }: Case): Finding[] => transform([{ name: "a.yaml", text }], target).files[0]?.findings ?? [];
const about = (text: string) => ({ rule, place }: Finding) => [rule, text.slice(place.start, place.end)];

/** The offset of a line and column, where columns count characters. */
function offset(text: string, line: number, column: number): number {
  // A carriage return alone ends a line, too.
  const lines = text.match(/[^\r\n]*(?:\r\n|\n|\r|$)/g) ?? [];
  const before = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length, 0);
  return before + Array.from(lines[line - 1] ?? "").slice(0, column - 1).join("").length;
}

const isFound = ({ printed }: Case) => (printed?.files[0]?.findings.length ?? 0) > 0;
const isYaml = ({ input }: Case) => !/^[\uFEFF\s]*[{%[]/.test(input);

describe("line and column are the offsets", () => {
  test.each(cases.filter(isFound))("$name", ({ input, printed }) => {
    // A byte-order mark is no character of the first line.
    const mark = input.startsWith("\uFEFF") ? 1 : 0;
    const text = input.slice(mark);
    const at = ({ line, column, endLine, endColumn }: Place) => [offset(text, line, column) + mark, offset(text, endLine, endColumn) + mark];
    for (const { place } of printed?.files[0]?.findings ?? []) expect([place.start, place.end]).toEqual(at(place));
  });
});

describe("a comment with umlauts and emoji above shifts offsets by its length in JavaScript", () => {
  test.each(cases.filter((one) => isFound(one) && isYaml(one) && !one.input.startsWith("\uFEFF")))("$name", (one) => {
    const plain = findings(one.input, one);
    for (const prefix of [comment, `\uFEFF${comment}`]) {
      const text = prefix + one.input;
      const shifted = findings(text, one);
      expect(shifted.map(about(text))).toEqual(plain.map(about(one.input)));
      expect(shifted.map(({ place }) => place.start - prefix.length)).toEqual(plain.map(({ place }) => place.start));
      expect(shifted.map(({ place }) => place.line - 1)).toEqual(plain.map(({ place }) => place.line));
    }
  });
});

test("an emoji before the place on its own line is one column and two code units", () => {
  const text = "{a: 🐈, b: [}\n";
  const manifest = `apiVersion: operator.tigera.io/v1\nkind: Installation\nmetadata: ${text}`;
  const [file] = transform([{ name: "a.yaml", text: manifest }], { to: "dual-stack" }).files;
  const place = file?.problem?.place;
  expect(place).toMatchObject({ line: 3 });
  const line = manifest.split("\n")[2] ?? "";
  const start = (place?.start ?? NaN) - manifest.indexOf(line);
  expect(place?.column).toBe(Array.from(line.slice(0, start)).length + 1);
  expect(start).toBeGreaterThan(line.indexOf("🐈"));
});
