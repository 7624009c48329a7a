import { init, transform } from "./calico-ipv6/index.js";

const ready = init();
onmessage = async ({ data: text }) => {
  await ready;
  const { files } = transform([{ name: "installation.yaml", text }], { to: "dual-stack", ipv6PodCIDR: "fd00:10:244::/56" });
  postMessage(files[0].text);
};
