// With files that one reads oneself.
import { init, transform } from "calico-ipv6/slim";
import { readFileSync } from "node:fs";

const read = (name) => readFileSync(new URL(import.meta.resolve(`calico-ipv6/${name}`)));
await init(read("engine.wasm"), JSON.parse(read("rules.json")));
const text = readFileSync("installation.yaml", "utf8");
const { files } = transform([{ name: "installation.yaml", text }], { to: "dual-stack", ipv6PodCIDR: "fd00:10:244::/56" });
process.stdout.write(files[0].text);
