/** schema.json, which editors read, says of a Target document what the engine says of a target. */
import { checkTarget, init, options } from "calico-ipv6";
import schema from "calico-ipv6/schema.json" with { type: "json" };
import { Ajv2020 } from "ajv/dist/2020.js";
import { beforeAll, describe, expect, test } from "vitest";
import { cases } from "./cases.ts";

beforeAll(() => init());

const validate = new Ajv2020({ allowUnionTypes: true }).compile(schema);
const document = (spec: object) => ({ apiVersion: "calico-ipv6.io/v1alpha1", kind: "Target", metadata: { name: "production" }, spec });
const takes = (spec: object) => validate(document(spec));

describe("takes every target that the engine takes", () => {
  test.each(cases.filter(({ badKeys }) => badKeys.length === 0))("$name", ({ target }) => {
    expect(takes(target) ? [] : validate.errors).toEqual([]);
  });

  test("booleans and numbers too", () => {
    const target = { to: "ipv6-only", nodesHaveIPv4: true, natOutgoing: false, ipv6BlockSize: 122 } as const;
    expect(takes(target)).toBe(true);
    expect(checkTarget(target).problems).toEqual([]);
  });
});

describe("refuses what the engine refuses", () => {
  test.each([{}, { to: "ipv5-only" }, { to: "dual-stack", ipv6PodCidr: "fd00::/56" }, { to: "dual-stack", provisioner: "me" }])("%j", (target) => {
    expect(takes(target)).toBe(false);
    expect(checkTarget(target as never).ok).toBe(false);
  });

  test.each([{ kind: "Installation" }, { apiVersion: "v1" }, { spec: null }, { specs: {} }])("a document with %j", (change) => {
    expect(validate({ ...document({ to: "dual-stack" }), ...change })).toBe(false);
  });
});

test("its keys are the options, with their help", () => {
  // An alias is described like its option; `mode` is a key of the KRM function only.
  const isOption = ([key, one]: [string, object]) => !("deprecated" in one) && key !== "mode";
  const all = Object.entries(schema.properties.spec.properties).filter(isOption);
  const described = all.map(([key, { description }]) => [key, description]);
  expect(described).toEqual(options().map(({ key, help }) => [key, help]));
});
