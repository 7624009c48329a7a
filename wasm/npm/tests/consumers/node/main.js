import { init, transform } from "calico-ipv6";
import { readFileSync } from "node:fs";

await init();
const text = readFileSync("installation.yaml", "utf8");
const { files } = transform([{ name: "installation.yaml", text }], { to: "dual-stack", ipv6PodCIDR: "fd00:10:244::/56" });
process.stdout.write(files[0].text);
