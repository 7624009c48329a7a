// The module is a file, and this its address. The texts of rules are inside of the script.
import { init, transform } from "calico-ipv6/slim";
import engine from "calico-ipv6/engine.wasm";
import rules from "calico-ipv6/rules.json";

await init(engine, rules);
const text = await (await fetch("installation.yaml")).text();
const { files } = transform([{ name: "installation.yaml", text }], { to: "dual-stack", ipv6PodCIDR: "fd00:10:244::/56" });
document.querySelector("pre").textContent = files[0].text;
