// In a worker of the package: the page starts no engine.
import { createWorkerClient } from "calico-ipv6";

const client = createWorkerClient();
const text = await (await fetch("installation.yaml")).text();
const { files } = await client.transform([{ name: "installation.yaml", text }], { to: "dual-stack", ipv6PodCIDR: "fd00:10:244::/56" });
client.terminate();
document.querySelector("pre").textContent = files[0].text;
