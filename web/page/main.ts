/** The page around the element. */
import "calico-ipv6/element";

const root = document.documentElement;
const theme = document.querySelector<HTMLSelectElement>("#theme");

theme?.addEventListener("change", () => {
  root.dataset["theme"] = theme.value;
});

// Files may be dropped anywhere. One that missed the drop zone would else replace the page, and all work on it.
const tool = document.querySelector("calico-ipv6");
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer) void tool?.openDrop(event.dataTransfer);
});
