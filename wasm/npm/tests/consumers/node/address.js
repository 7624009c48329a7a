// By the address of a file, as Deno and scripts without a package manager do.
import { readFileSync } from "node:fs";

const { init, transform } = await import(new URL("../../node_modules/calico-ipv6/dist/node.js", import.meta.url));
await init();
const text = readFileSync("installation.yaml", "utf8");
const { files } = transform([{ name: "installation.yaml", text }], { to: "dual-stack", ipv6PodCIDR: "fd00:10:244::/56" });
process.stdout.write(files[0].text);
