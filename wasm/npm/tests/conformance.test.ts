/** JavaScript answers what the command answers, to every literate case of the repository. */
import { checkTarget, generate, init, type Kind, lint, planCidrs, type Target, transform, type Transformation } from "calico-ipv6";
import { beforeAll, describe, expect, test } from "vitest";
import { type Call, calls, type Case, cases } from "./cases.ts";

beforeAll(() => init());

/** The name that the command gives to its standard input. */
const ask = ({ input }: Case, target: Target): Transformation => transform([{ name: "<stdin>", text: input }], target);

const isAnswered = ({ printed }: Case) => printed !== null;
const isBadTarget = ({ badKeys }: Case) => badKeys.length > 0;

describe("the same object as the command's JSON", () => {
  test.each(cases.filter(isAnswered))("$name", (one) => {
    const answer = ask(one, one.target);
    expect(answer).toStrictEqual(one.printed);
    // Also what deep equality is blind to: no prototypes, no undefined, the same order of keys.
    expect(JSON.stringify(answer)).toBe(JSON.stringify(one.printed));
  });
});

describe("the same findings as the command's lint", () => {
  const files = ({ input }: Case) => [{ name: "<stdin>", text: input }];

  test.each(cases.filter(isAnswered))("$name", (one) => {
    expect(JSON.stringify(lint(files(one), one.target))).toBe(JSON.stringify(one.linted));
    expect(JSON.stringify(lint(files(one)))).toBe(JSON.stringify(one.lintedAsFound));
  });
});

describe("the types hold: a changed file has a text, an unreadable one a problem, and no other has one", () => {
  test.each(cases.filter(isAnswered))("$name", ({ printed }) => {
    for (const file of printed?.files ?? []) {
      expect(typeof file.text).toBe(file.outcome === "changed" ? "string" : "object");
      expect(file.problem === null).toBe(file.outcome !== "unreadable");
    }
    expect(printed?.ok).toBe(printed?.problems.length === 0 && printed.files.every(({ outcome }) => ["changed", "unchanged", "passed-through"].includes(outcome)));
  });
});

describe("a target that cannot be is told by its keys", () => {
  test.each(cases.filter(isBadTarget))("$name", (one) => {
    const { problems, files } = ask(one, one.target);
    expect(problems.map(({ option }) => option)).toEqual(one.badKeys);
    expect(problems.every(({ message }) => message.length > 0)).toBe(true);
    expect(files).toEqual([]);
    expect(checkTarget(one.target).problems).toEqual(problems);
  });
});

describe("the command refuses an empty input, JavaScript passes it through", () => {
  test.each(cases.filter(({ onlyCommandRefuses }) => onlyCommandRefuses))("$name", (one) => {
    const { problems, files } = ask(one, one.target);
    expect(problems).toEqual([]);
    expect(files).toMatchObject([{ outcome: "passed-through", text: null, changes: [], findings: [] }]);
  });
});

describe("numbers and booleans mean what their texts mean", () => {
  /** `"118"` as 118, `"true"` as true. */
  const typed = (target: Target) => {
    const value = (text: unknown) => (/^(true|false|\d+)$/.test(String(text)) ? JSON.parse(String(text)) : text);
    return Object.fromEntries(Object.entries(target).map(([key, text]) => [key, value(text)])) as unknown as Target;
  };
  const differs = ({ target }: Case) => JSON.stringify(typed(target)) !== JSON.stringify(target);

  test.each(cases.filter(differs))("$name", (one) => {
    expect(ask(one, typed(one.target))).toEqual(ask(one, one.target));
  });
});

describe("without input", () => {
  const ask = ({ command: [name, kind], options }: Call) => {
    return name === "generate" ? generate([kind as Kind], options) : planCidrs(options, null);
  };
  const isPrinted = ({ printed }: Call) => printed !== null;

  test.each(calls.filter(isPrinted))("$name", (call) => {
    expect(JSON.stringify(ask(call))).toBe(JSON.stringify(call.printed));
  });

  test.each(calls.filter((call) => !isPrinted(call)))("$name cannot be", (call) => {
    expect(ask(call).problems).not.toEqual([]);
  });
});

test("every case is in one of these groups, and each group has cases", () => {
  const groups = [isAnswered, isBadTarget, (one: Case) => one.onlyCommandRefuses].map((is) => cases.filter(is).length);
  expect(groups.reduce((sum, length) => sum + length)).toBe(cases.length);
  expect(Math.min(...groups)).toBeGreaterThan(0);
});
