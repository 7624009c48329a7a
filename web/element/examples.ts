/** Inputs to try: short, and each of another kind. */
import type { SourceFile } from "../../wasm/npm/src/api.js";
import broken from "../../examples/broken.yaml";
import stock from "../../examples/calico.yaml";
import operator from "../../examples/installation.yaml";
import kubeadm from "../../examples/cluster/kubeadm.yaml";
import openshift from "../../examples/openshift-cluster/calico.yaml";

export interface Example {
  title: string;
  file: SourceFile;
  /** Answers that make a whole of it. */
  target: Record<string, string>;
}

const answers = { ipv6PodCIDR: "fd00:10:244::/56" };

export const examples: Record<string, Example> = {
  stock: { title: "Manifest", file: { name: "calico.yaml", text: stock }, target: answers },
  operator: { title: "Operator", file: { name: "installation.yaml", text: operator }, target: answers },
  openshift: {
    title: "OpenShift",
    file: { name: "openshift.yaml", text: openshift },
    target: { ipv6PodCIDR: "fd00:10:128::/48", ipv4PodCIDR: "10.128.0.0/14" },
  },
  kubeadm: {
    title: "kubeadm",
    file: { name: "kubeadm.yaml", text: kubeadm },
    target: {
      ...answers,
      ipv6ServiceCIDR: "fd00:10:96::/112",
      addressMap: "192.0.2.10=2001:db8:1::10,192.0.2.11=2001:db8:1::11",
    },
  },
  broken: { title: "A broken one", file: { name: "broken.yaml", text: broken }, target: answers },
};
