// With a module of one's own making.
import { init, transform } from "calico-ipv6/slim";
import { readFileSync } from "node:fs";

await init(readFileSync(new URL(import.meta.resolve("calico-ipv6/engine.wasm"))));
const text = readFileSync("installation.yaml", "utf8");
const { files } = transform([{ name: "installation.yaml", text }], { to: "dual-stack", ipv6PodCIDR: "fd00:10:244::/56" });
process.stdout.write(files[0].text);
