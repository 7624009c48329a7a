/** The page answers what the command answers, to every literate case of the repository. */
import type { Transformation } from "calico-ipv6";
import { expect, test } from "vitest";
import { cases } from "../../wasm/npm/tests/cases.js";
import type { CalicoIPv6 } from "../element/calico-ipv6.js";
import { browser, open, ready, site, visit } from "./page.js";

visit();

const answered = cases.filter(({ printed }) => printed !== null);

test(`${answered.length} cases give the same object, and the same bytes`, async () => {
  await using opened = await open(browser, `${site.address}/dist/index.html`);
  await ready(opened.page);
  expect(answered.length).toBeGreaterThan(300);
  const wishes = answered.map(({ input, target }) => ({ input, target }));
  const answers = await opened.page.evaluate(async (wishes) => {
    const { session } = document.querySelector("calico-ipv6") as CalicoIPv6;
    session.proposes = false;
    const answers: (Transformation | undefined)[] = [];
    for (const { input, target } of wishes) {
      session.target = target as unknown as Record<string, string>;
      session.files = [{ name: "<stdin>", text: input }];
      await session.run();
      answers.push(session.latest?.result);
    }
    return answers;
  }, wishes);
  answers.forEach((answer, i) => expect(JSON.stringify(answer), answered[i]?.name).toBe(JSON.stringify(answered[i]?.printed)));
});
