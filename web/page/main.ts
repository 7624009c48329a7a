/** The page around the element. */
import "calico-ipv6/element";

const root = document.documentElement;
const theme = document.querySelector<HTMLSelectElement>("#theme");

theme?.addEventListener("change", () => {
  root.dataset["theme"] = theme.value;
});

// A file that misses the drop zone would else replace the page, and all work on it.
for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
