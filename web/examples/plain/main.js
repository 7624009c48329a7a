const tool = document.querySelector("calico-ipv6");

// Files are texts with names; they may be set before the element is defined.
document.querySelector("#mine").addEventListener("click", async () => {
  const response = await fetch("../../../examples/installation.yaml");
  tool.files = [{ name: "installation.yaml", text: await response.text() }];
});

// Every result, as transform() of the package returns it.
tool.addEventListener("calico-ipv6-result", ({ detail }) => {
  const changes = detail.files.reduce((sum, file) => sum + file.changes.length, 0);
  document.querySelector("#changes").textContent = String(changes);
});

// What a person wants, whenever they change it.
tool.addEventListener("calico-ipv6-target", ({ detail }) => {
  document.querySelector("#stack").textContent = detail.to;
});
