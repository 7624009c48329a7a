/** The page around the element. */
import "calico-ipv6/element";

const root = document.documentElement;
const theme = document.querySelector<HTMLSelectElement>("#theme");

const tool = document.querySelector("calico-ipv6");

function follow(): void {
  if (!theme) return;
  root.dataset["theme"] = theme.value;
  // Nothing is stored: the page of rules hears of it by its address.
  const rules = theme.value ? `rules.html?theme=${theme.value}` : "rules.html";
  document.querySelector<HTMLAnchorElement>("#rules")?.setAttribute("href", rules);
  tool?.setAttribute("rules", rules);
}

theme?.addEventListener("change", follow);
// Whoever comes back from the page of rules keeps the colors.
const chosen = new URLSearchParams(location.search).get("theme");
if (theme && chosen) {
  theme.value = chosen;
  follow();
}

// Files may be dropped anywhere. One that missed the drop zone would else replace the page, and all work on it.
addEventListener("dragover", (event) => event.preventDefault());
addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer) void tool?.openDrop(event.dataTransfer);
});

// Each door has an address of its own. Settings in an address are the element's.
const doors = document.querySelectorAll<HTMLAnchorElement>(".doors a");

function openDoor(): void {
  const { hash } = location;
  const isDoor = [...doors].some((door) => door.hash === hash);
  // Another anchor is no door, and changes none.
  if (!isDoor && hash !== "" && !hash.includes("=")) return;
  const name = isDoor ? hash.slice(1) : "change";
  if (tool) tool.door = name;
  for (const door of doors) {
    if (door.hash === `#${name}`) door.setAttribute("aria-current", "page");
    else door.removeAttribute("aria-current");
  }
}

addEventListener("hashchange", openDoor);
tool?.addEventListener("calico-ipv6-door", ({ detail }) => {
  location.hash = detail;
});
openDoor();
