import { init, transform } from "calico-ipv6";

await init();
postMessage("");
onmessage = ({ data: text }) => {
  const { files } = transform([{ name: "installation.yaml", text }], { to: "dual-stack", ipv6PodCIDR: "fd00:10:244::/56" });
  postMessage(files[0].text);
};
