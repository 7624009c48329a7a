import React, { useState } from "react";
import CalicoIPv6 from "./CalicoIPv6";

const FILES = [
  {
    name: "installation.yaml",
    text: `apiVersion: operator.tigera.io/v1
kind: Installation
metadata:
  name: default
spec:
  calicoNetwork:
    ipPools:
      - cidr: 192.168.0.0/16
        encapsulation: VXLANCrossSubnet
`,
  },
];

/** The element with a file of the guide, and a sentence that follows it. */
export default function Guide() {
  const [changes, setChanges] = useState(0);
  const count = ({ files }) => setChanges(files.reduce((sum, file) => sum + file.changes.length, 0));
  return (
    <>
      <CalicoIPv6 to="dual-stack" files={FILES} onResult={count} />
      <p>Changes to this Installation: {changes}</p>
    </>
  );
}
