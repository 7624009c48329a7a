/** Every function of the package, and what happens when it is called wrongly. */
import * as engine from "calico-ipv6";
import * as slim from "calico-ipv6/slim";
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { calico, dualStack, installation } from "./manifests.ts";
import { texts } from "./rules-json.ts";

const {
  checkTarget, createWorkerClient, explain, generate, init, inspect, kinds, lint, options, planCidrs, rules, steps, transform, unifiedDiff,
  uniqueLocalPodCIDR,
  version,
} = engine;
const file = { name: "installation.yaml", text: installation };
const target: engine.Target = { to: "dual-stack", ipv6PodCIDR: "fd00:10:244::/56" };

beforeAll(() => init());

/** A call that the types forbid. */
const misuse = (call: (...values: never[]) => unknown, ...values: unknown[]) => () => call(...(values as never[]));

test("these are all functions, of both entry points; only one of them knows where its worker is", () => {
  const names = [
    "Cancelled", "checkTarget", "createWorkerClient", "explain", "generate", "init", "inspect", "kinds", "lint", "options",
    "planCidrs", "rules", "steps", "transform", "unifiedDiff", "uniqueLocalPodCIDR", "version",
  ];
  expect(Object.keys(engine).sort()).toEqual(names);
  expect(Object.keys(slim).sort()).toEqual(names.filter((name) => name !== "createWorkerClient"));
});

describe("init", () => {
  test("can be called again, also at the same time", async () => {
    await Promise.all([init(), init()]);
    await init();
    expect(version()).toBe(manifest.version);
  });

  test("from a compiled module, as ./slim wants it", async () => {
    const bytes = readFileSync(new URL(import.meta.resolve("calico-ipv6/engine.wasm")));
    await slim.init(await WebAssembly.compile(bytes), texts);
    expect(slim.transform([file], target).files[0]?.text).toBe(dualStack);
  });
});

describe("generate", () => {
  const complete: engine.Target = { ...target, ipv4PodCIDR: "10.244.0.0/16" };

  test("writes files, each once, which a transform leaves as they are", () => {
    const made = generate(["ippool", "installation", "installation"], complete);
    expect(made).toMatchObject({ version: 1, ok: true, problems: [], missingOptions: [] });
    expect(made.files.map(({ kind, name }) => [kind, name])).toEqual([
      ["installation", "installation.yaml"],
      ["ippool", "ippools.yaml"],
    ]);
    expect(transform(made.files.slice(0, 1), complete).files).toMatchObject([{ outcome: "unchanged" }]);
    expect(generate("installation", complete).files).toEqual(made.files.slice(0, 1));
  });

  test("asks for what is missing, and tells what cannot be", () => {
    expect(generate("installation", target)).toMatchObject({ ok: false, missingOptions: [{ key: "ipv4PodCIDR" }], files: [] });
    expect(generate("installation", { to: "ipv6-only", ipv6PodCIDR: "fe80::/64" })).toMatchObject({
      ok: false, problems: [{ option: "ipv6PodCIDR" }],
    });
  });

  test("lists its kinds, and knows no others", () => {
    expect(kinds()[0]).toMatchObject({ name: "installation", files: ["installation.yaml"] });
    expect(misuse(generate, "calico", target)).toThrow(TypeError);
    expect(misuse(generate, 5, target)).toThrow(new TypeError("kinds is not a string"));
    expect(misuse(generate, ["ippool", 5], target)).toThrow(new TypeError("kinds[1] is not a string"));
  });
});

describe("planCidrs", () => {
  test("makes ranges of numbers and random bytes", () => {
    const plan = planCidrs({ nodes: 500, services: 5000 }, new Uint8Array([0x12, 0x34, 0x56, 0x78, 0x9a]));
    expect(plan).toMatchObject({ version: 1, ok: true, problems: [], notes: [] });
    expect(Object.fromEntries(plan.options.map(({ key, value }) => [key, value]))).toEqual({
      to: "dual-stack",
      ipv4PodCIDR: "10.244.0.0/15",
      ipv6PodCIDR: "fd12:3456:789a::/52",
      ipv4ServiceCIDR: "10.96.0.0/19",
      ipv6ServiceCIDR: "fd12:3456:789a:ffff::/112",
    });
  });

  test("makes another range each time without random bytes", () => {
    const range = () => planCidrs({ to: "ipv6-only" }).options.find(({ key }) => key === "ipv6PodCIDR")?.value;
    expect(range()).toMatch(/^fd[0-9a-f]{2}:.*\/56$/);
    expect(range()).not.toBe(range());
  });

  test("asks for an IPv6 range where random bytes are null", () => {
    expect(planCidrs({ to: "ipv6-only" }, null)).toMatchObject({ ok: false, missingOptions: [{ key: "ipv6PodCIDR" }, { key: "ipv6ServiceCIDR" }] });
  });

  test("tells what cannot be, and throws only on misuse", () => {
    expect(planCidrs({ nodes: 0 }).problems).toMatchObject([{ option: "nodes" }]);
    expect(misuse(planCidrs, {}, new Uint8Array(4))).toThrow(new TypeError("random is not a Uint8Array of five bytes"));
    expect(misuse(planCidrs, "many")).toThrow(new TypeError("request is not an object"));
  });
});

describe("steps", () => {
  test("say what a person does with the result, in order", () => {
    const [plan, ...more] = steps([file], { ...target, running: true });
    expect(more).toEqual([]);
    expect(plan?.sections.map(({ title }) => title)).toContain("What cannot be undone, and what stays");
    const numbered = plan?.sections.find(({ title }) => title === "Steps")?.steps ?? [];
    const apply = numbered.flatMap(({ commands }) => commands).find(({ text }) => text.includes("apply"));
    expect(apply).toMatchObject({ host: "here", text: "kubectl apply -f converted/installation.yaml" });
    expect(plan?.markdown).toContain(apply?.text);
  });

  test("are those of the transform, and none where a file cannot be converted", () => {
    expect(steps([file], target)).toEqual(transform([file], target).steps);
    expect(steps([{ name: "broken.yaml", text: "a:\n\tb: c\nkind: Installation\n" }], target)).toEqual([]);
  });
});

describe("transform", () => {
  test("gives the new text and says why", () => {
    const { version, ok, problems, files, checks } = transform([file], target);
    expect({ version, ok, problems }).toEqual({ version: 1, ok: true, problems: [] });
    expect(files).toMatchObject([{ name: "installation.yaml", outcome: "changed", problem: null, text: dualStack }]);
    expect(files[0]?.changes[0]).toMatchObject({ resource: expect.stringContaining("Installation"), from: null });
    expect(checks.length).toBeGreaterThan(0);
  });

  test("its result needs no change", () => {
    const again = transform([{ name: "dual-stack.yaml", text: dualStack }], target);
    expect(again.files).toMatchObject([{ outcome: "unchanged", text: null, changes: [], hunks: [] }]);
  });

  test("its hunks are its difference", () => {
    const [changed] = transform([{ name: "calico.yaml", text: calico }], target).files;
    const sides = changed?.hunks.flatMap(({ lines }) => lines) ?? [];
    const signs = { context: " ", removed: "-", added: "+" };
    if (changed === undefined) throw new Error("no file");
    const body = unifiedDiff(changed).split(/^@@.*\n/m).slice(1).join("");
    expect(sides.map(({ kind, text }) => signs[kind] + text).join("")).toBe(body);
    expect(body).toContain("+            - name: IP6");
  });

  test("each change is shown by its hunk", () => {
    const [changed] = transform([{ name: "calico.yaml", text: calico }], target).files;
    for (const { line, hunk } of changed?.changes ?? []) {
      const shown = changed?.hunks[hunk ?? -1];
      expect(shown?.oldStart).toBeLessThanOrEqual(line ?? Infinity);
    }
    expect(changed?.changes.length).toBeGreaterThan(5);
  });

  test("each finding says what happens in the cluster, and what to do", () => {
    const findings = transform([{ name: "calico.yaml", text: calico }], target).files.flatMap((one) => one.findings);
    expect(findings.length).toBeGreaterThan(5);
    for (const { rule, consequence, help } of findings) {
      expect(consequence, rule).not.toBe("");
      expect(help, rule).not.toBe("");
    }
  });

  test("several files are one cluster", () => {
    const both = transform([file, { name: "service.yaml", text: "kind: Service\napiVersion: v1\n" }], target);
    expect(both.files.map(({ name, outcome }) => [name, outcome])).toEqual([
      ["installation.yaml", "changed"],
      ["service.yaml", "passed-through"],
    ]);
  });

  test("no files are no misuse", () => {
    expect(transform([], target)).toMatchObject({ ok: true, problems: [], files: [], checks: [] });
  });
});

describe("what is found is data", () => {
  test("a text that is no YAML", () => {
    const broken = "apiVersion: operator.tigera.io/v1\nkind: Installation\nspec: {\n";
    const { files } = transform([{ name: "broken.yaml", text: broken }], target);
    expect(files).toMatchObject([{ outcome: "unreadable", text: null, problem: { place: { line: expect.any(Number) } } }]);
    expect(inspect([{ name: "broken.yaml", text: broken }]).files[0]?.problem).toEqual(files[0]?.problem);
  });

  test("an option that is missing", () => {
    const { files } = transform([file], { to: "dual-stack" });
    expect(files).toMatchObject([{ outcome: "needs-input", text: null, missingOptions: [{ key: "ipv6PodCIDR", option: "ipv6-pod-cidr" }] }]);
  });

  test("a key that no target has", () => {
    const { problems, files } = transform([file], { ...target, ipv6PodCidr: "fd00::/56" } as engine.Target);
    expect(files).toEqual([]);
    expect(problems).toMatchObject([{ message: expect.stringContaining("ipv6PodCidr") }]);
  });

  test("a value that cannot be", () => {
    expect(checkTarget({ to: "dual-stack", ipv6BlockSize: 64 })).toMatchObject({ ok: false, problems: [{ option: "ipv6BlockSize" }] });
    expect(checkTarget({} as engine.Target).problems).toMatchObject([{ option: "to" }]);
    expect(checkTarget(target)).toEqual({ version: 1, ok: true, problems: [] });
  });

  test.each([null, undefined])("a value of %s is one that is left out", (nothing) => {
    expect(transform([file], { ...target, routerID: nothing as null })).toEqual(transform([file], target));
  });
});

describe("what is not ok says so", () => {
  test.each([
    ["a text that is no YAML", [{ name: "a.yaml", text: "kind: Installation\napiVersion: operator.tigera.io/v1\nspec: {" }], target],
    ["an option that is missing", [file], { to: "dual-stack" }],
    ["a value that cannot be", [file], { ...target, ipv6BlockSize: 64 }],
  ] as const)("%s", (_, files, target) => expect(transform(files, target).ok).toBe(false));

  test("an inspection of a text that is no YAML", () => {
    expect(inspect([{ name: "a.yaml", text: "kind: Installation\napiVersion: operator.tigera.io/v1\nspec: {" }])).toMatchObject({ ok: false, problems: [] });
    expect(inspect([file])).toMatchObject({ ok: true, problems: [] });
  });
});

describe("misuse throws, and says where", () => {
  const noFiles: [unknown, string][] = [
    ...[undefined, null, "text", {}].map((files): [unknown, string] => [files, "files is not an array of { name, text }"]),
    [[null], "files[0] is not an object { name, text }"],
    [[{}], "files[0].name is not a string"],
    [[file, { name: "a" }], "files[1].text is not a string"],
    [[file, file, { name: "a", text: 1 }], "files[2].text is not a string"],
    [[{ name: null, text: "" }], "files[0].name is not a string"],
  ];
  test.each(noFiles)("files that are %j", (files, message) => {
    expect(misuse(transform, files, target)).toThrow(new TypeError(message));
    expect(misuse(inspect, files)).toThrow(new TypeError(message));
    expect(misuse(lint, files)).toThrow(new TypeError(message));
  });

  test.each([undefined, null, "dual-stack", 6, []])("a target that is %j", (wrong) => {
    const error = new TypeError("target is not an object");
    expect(misuse(transform, [file], wrong)).toThrow(error);
    expect(misuse(generate, "installation", wrong)).toThrow(error);
    expect(misuse(checkTarget, wrong)).toThrow(error);
  });

  test.each([[{}], [[]], [() => "dual-stack"], [Symbol("to")], [6n]])("a target whose value is %o", (value) => {
    expect(misuse(transform, [file], { to: value })).toThrow(new TypeError("target.to is not a string, number or boolean"));
  });

  test("a list with something else in it", () => {
    const wrong = { ...target, addressMap: ["192.0.2.1=2001:db8::1", {}] };
    expect(misuse(transform, [file], wrong)).toThrow(new TypeError("target.addressMap[1] is not a string, number or boolean"));
  });

  test("and leaves the engine as it was", () => {
    expect(misuse(transform, [file])).toThrow(TypeError);
    expect(transform([file], target).files[0]?.text).toBe(dualStack);
  });
});

describe("lint", () => {
  const twice = { name: "twice.yaml", text: installation.replace("cidr: 10.244.0.0/16", "cidr: 10.244.0.1/16") };

  test("without a target checks for the stack that the files have", () => {
    const { version, ok, clusters, files } = lint([twice]);
    expect({ version, ok }).toEqual({ version: 1, ok: false });
    expect(clusters).toMatchObject([{ files: [0], stack: "ipv4-only", checkedFor: "ipv4-only" }]);
    const finding = files[0]?.findings.find(({ severity }) => severity === "error");
    expect(finding).toMatchObject({
      rule: "NET-002",
      object: "Installation default",
      fingerprint: "NET-002|Installation default|spec.calicoNetwork.ipPools[default-ipv4-ippool].cidr",
    });
    expect(twice.text.slice(finding?.place?.start, finding?.place?.end)).toContain("10.244.0.1/16");
  });

  test("with a target checks for its stack, and takes a target without one", () => {
    expect(lint([file], target).clusters).toMatchObject([{ stack: "ipv4-only", checkedFor: "dual-stack" }]);
    expect(lint([file], { calicoVersion: "v3.31.0" }).clusters).toMatchObject([{ checkedFor: "ipv4-only" }]);
    expect(lint([file], { ipv6BlockSize: 64 }).problems).toMatchObject([{ option: "ipv6BlockSize" }]);
  });
});

test("inspect says what is in the files", () => {
  const { version, files } = inspect([file, { name: "calico.yaml", text: calico }]);
  expect(version).toBe(1);
  expect(files.map(({ name, problem }) => ({ name, problem }))).toEqual([
    { name: "installation.yaml", problem: null },
    { name: "calico.yaml", problem: null },
  ]);
  expect(files[1]?.installs[0]).toMatchObject({ title: expect.stringMatching(/^DaemonSet calico-node/), facts: { stack: "IPv4-only", backend: "bird" } });
});

test("options are the keys of a target, with `to` first", () => {
  const keys = options().map(({ key }) => key);
  expect(keys[0]).toBe("to");
  expect(checkTarget(Object.fromEntries(keys.map((key) => [key, "?"])) as unknown as engine.Target).problems).toHaveLength(keys.length);
});

describe("rules", () => {
  test("are those of rules.json", () => {
    expect(rules()).toStrictEqual(texts);
    expect(rules().engine).toBe(version());
  });

  test("are a copy: whoever changes it changes nothing else", () => {
    const [first] = rules().rules.splice(0);
    first?.sources.push({ text: "mine", url: "https://example.com" });
    expect(rules()).toStrictEqual(texts);
  });

  const docs = new URL("../../../docs/rules/", import.meta.url);
  const page = (id: string) => readFileSync(new URL(`${id}.md`, docs), "utf8");

  test("each has its page in docs/rules", () => {
    const ids = rules().rules.map(({ id }) => id);
    expect(ids).toEqual(readdirSync(docs).map((name) => name.replace(".md", "")).filter((name) => !["README", "catalogue"].includes(name)).sort());
  });

  test("explain gives that page, by id and by name", () => {
    for (const { id, name } of rules().rules) {
      expect(explain(id)).toBe(page(id));
      expect(explain(name)).toBe(page(id));
    }
  });

  test("explain gives nothing for what is no rule", () => expect(explain("NODE-999")).toBeUndefined());

  test("explain refuses what is not a string, and the engine goes on", () => {
    for (const wrong of [5, undefined, null, {}]) expect(misuse(explain, wrong)).toThrow(new TypeError("rule is not a string"));
    expect(explain("CNI-003")).toBe(page("CNI-003"));
  });
});

describe("unifiedDiff", () => {
  const lines: engine.Line[] = [{ kind: "removed", text: "a: 1" }, { kind: "added", text: "a: 2\n" }];
  const hunks: engine.Hunk[] = [{ oldStart: 1, oldLines: 1, newStart: 1, newLines: 1, lines }];
  const body = "@@ -1 +1 @@\n-a: 1\n\\ No newline at end of file\n+a: 2\n";

  test("is what patch and git take", () => {
    expect(unifiedDiff({ name: "./x.yaml", hunks })).toBe(`--- a/x.yaml\n+++ b/x.yaml\n${body}`);
    expect(unifiedDiff({ name: "/x\u001b\u202e.yaml", hunks }))
      .toBe(`--- "/x\\033\\342\\200\\256.yaml"\n+++ "/x\\033\\342\\200\\256.yaml"\n${body}`);
    expect(unifiedDiff({ name: 'ä "b".yaml', hunks })).toBe(`--- "a/ä \\"b\\".yaml"\t\n+++ "b/ä \\"b\\".yaml"\t\n${body}`);
  });

  test("is empty where nothing changes", () => expect(unifiedDiff({ name: "x.yaml", hunks: [] })).toBe(""));
});

describe("uniqueLocalPodCIDR", () => {
  test("makes a range of five random bytes", () => {
    const range = uniqueLocalPodCIDR(new Uint8Array([0x12, 0x34, 0x56, 0x78, 0x9a]));
    expect(range).toMatch(/^fd12:3456:789a:.*\/56$/);
    expect(checkTarget({ to: "dual-stack", ipv6PodCIDR: range }).problems).toEqual([]);
  });

  test("makes another one each time without bytes", () => expect(uniqueLocalPodCIDR()).not.toBe(uniqueLocalPodCIDR()));

  test("wants exactly five", () => {
    for (const count of [0, 4, 6]) expect(() => uniqueLocalPodCIDR(new Uint8Array(count))).toThrow(new TypeError("random is not a Uint8Array of five bytes"));
  });
});

describe("createWorkerClient", () => {
  const client = createWorkerClient();
  afterAll(() => client.terminate());

  test("has the functions of the engine, and each returns a promise of the same result", async () => {
    const names = Object.keys(engine).filter((name) => !["Cancelled", "createWorkerClient", "init", "unifiedDiff"].includes(name));
    expect(Object.keys(client).sort()).toEqual([...names, "terminate"].sort());
    expect(await client.transform([file], target)).toEqual(transform([file], target));
    expect(await client.explain("CNI-003")).toBe(explain("CNI-003"));
    expect(await client.version()).toBe(version());
  });

  test("misuse rejects, and says where", async () => {
    const wrong = misuse(client.transform as never, [file, {}], target)() as Promise<unknown>;
    await expect(wrong).rejects.toThrow(new TypeError("files[1].name is not a string"));
  });

  test("a call that waits when it is ended is cancelled, and the next one starts it anew", async () => {
    const waiting = client.version();
    client.terminate();
    await expect(waiting).rejects.toThrow(engine.Cancelled);
    expect(await client.version()).toBe(version());
  });
});
