/** Inputs to try: short, and each of another kind. Loaded beside the engine. */
import type { SourceFile } from "../../wasm/npm/src/api.js";
import type { ExampleName } from "./example-names.js";
import broken from "../../examples/broken.yaml";
import stock from "../../examples/calico.yaml";
import operator from "../../examples/installation.yaml";
import kubeadm from "../../examples/cluster/kubeadm.yaml";
import openshift from "../../examples/openshift-cluster/calico.yaml";

export interface Example {
  file: SourceFile;
  /** Answers that make a whole of it. */
  target: Record<string, string>;
}

const answers = { ipv6PodCIDR: "fd00:10:244::/56" };

export const examples: Record<ExampleName, Example> = {
  stock: { file: { name: "calico.yaml", text: stock }, target: answers },
  operator: { file: { name: "installation.yaml", text: operator }, target: answers },
  openshift: {
    file: { name: "openshift.yaml", text: openshift },
    target: { ipv6PodCIDR: "fd00:10:128::/48", ipv4PodCIDR: "10.128.0.0/14" },
  },
  kubeadm: {
    file: { name: "kubeadm.yaml", text: kubeadm },
    target: {
      ...answers,
      ipv6ServiceCIDR: "fd00:10:96::/112",
      addressMap: "192.0.2.10=2001:db8:1::10,192.0.2.11=2001:db8:1::11",
    },
  },
  broken: { file: { name: "broken.yaml", text: broken }, target: answers },
};
