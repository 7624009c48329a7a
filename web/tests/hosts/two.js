const told = new Map();
document.addEventListener("calico-ipv6-result", ({ target, detail }) => {
  if (detail.files.length === 0) return;
  told.set(target.getAttribute("to"), detail.files[0].changes.length);
  document.body.dataset.results = ["dual-stack", "ipv6-only"].map((to) => `${to}:${told.get(to)}`).join(" ");
});
