/** How long a person waits for the first transform of the page, beside later ones. Nothing is asserted: the table is to be read. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { CalicoIPv6 } from "../element/calico-ipv6.js";
import { example, folder, launch, open, ready, serve, type Site } from "../tests/page.js";

const ROUNDS = 11;
const subject = process.env["CALICO_IPV6_SUBJECT"];
const texts: Record<string, string> = { "the example": example("calico") };
if (subject) texts[subject] = readFileSync(subject, "utf8");

const middle = (times: number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? NaN;

/** The first transform of a page that has just been loaded, and the fifth. */
async function times(site: Site, text: string, idle: boolean): Promise<[number, number]> {
  const browser = await launch();
  try {
    await using opened = await open(browser, `${site.address}/dist/index.html`);
    await ready(opened.page);
    // A person needs a moment to drop a file.
    if (idle) await opened.page.waitForTimeout(300);
    return await opened.page.evaluate(async (text) => {
      const { session } = document.querySelector("calico-ipv6") as CalicoIPv6;
      session.target = { to: "dual-stack", ipv6PodCIDR: "fd00:10:244::/56" };
      const times: number[] = [];
      for (let i = 0; i < 5; i++) {
        session.files = [{ name: "calico.yaml", text }];
        const start = performance.now();
        await session.run();
        times.push(performance.now() - start);
        if (session.latest?.result?.files[0]?.outcome !== "changed") throw new Error("nothing was changed");
      }
      return [times[0] ?? NaN, times[4] ?? NaN] as [number, number];
    }, text);
  } finally {
    await browser.close();
  }
}

test("the first transform", async () => {
  await using site = await serve(folder, {});
  const rows: Record<string, Record<string, string>> = {};
  for (const [name, text] of Object.entries(texts)) {
    for (const idle of [false, true]) {
      const measured: [number, number][] = [];
      for (let round = 0; round < ROUNDS; round++) measured.push(await times(site, text, idle));
      const [first, later] = [middle(measured.map(([one]) => one)), middle(measured.map(([, one]) => one))];
      const row = `${name}, ${text.length} bytes, ${idle ? "after a moment" : "at once"}`;
      rows[row] = { "first, ms": first.toFixed(1), "fifth, ms": later.toFixed(1), "first to fifth": (first / later).toFixed(1) };
    }
  }
  console.table(rows);
  expect(Object.keys(rows)).not.toEqual([]);
});
