// As from a CDN: another origin, named by the page's address.
const origin = new URLSearchParams(location.search).get("from");
const { init, transform } = await import(`${origin}/index.js`);

await init();
const text = await (await fetch("installation.yaml")).text();
const { files } = transform([{ name: "installation.yaml", text }], { to: "dual-stack", ipv6PodCIDR: "fd00:10:244::/56" });
document.querySelector("pre").textContent = files[0].text;
