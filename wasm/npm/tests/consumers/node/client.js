// In a thread of the package: the program starts no engine.
import { createWorkerClient } from "calico-ipv6";
import { readFileSync } from "node:fs";

const client = createWorkerClient();
const text = readFileSync("installation.yaml", "utf8");
const { files } = await client.transform([{ name: "installation.yaml", text }], { to: "dual-stack", ipv6PodCIDR: "fd00:10:244::/56" });
client.terminate();
process.stdout.write(files[0].text);
