/** The filter of the page of all rules, and the theme that the page before it had. */

const { search } = location;
const theme = new URLSearchParams(search).get("theme");
if (theme === "light" || theme === "dark") {
  document.documentElement.dataset["theme"] = theme;
  document.querySelector('.links a[href="./"]')?.setAttribute("href", `./?theme=${theme}`);
}

const form = document.querySelector<HTMLFormElement>(".filter");
const words = document.querySelector<HTMLInputElement>("#words");
const severity = document.querySelector<HTMLSelectElement>("#severity");
const found = document.querySelector<HTMLElement>("#found");
const groups = [...document.querySelectorAll<HTMLElement>(".rules > section")];

/** Shows the rules that have all words, and the severity if one is chosen. */
function filter(): void {
  const wanted = (words?.value ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (rule: HTMLElement) => {
    const text = rule.textContent?.toLowerCase() ?? "";
    return wanted.every((word) => text.includes(word)) && (!severity?.value || rule.dataset["severity"] === severity.value);
  };
  let count = 0;
  for (const group of groups) {
    const rules = [...group.querySelectorAll<HTMLElement>("article")];
    for (const rule of rules) rule.hidden = !fits(rule);
    const shown = rules.filter((rule) => !rule.hidden).length;
    group.hidden = shown === 0;
    count += shown;
  }
  if (found) found.textContent = count === 0 ? "No rules: use fewer words, or all severities" : count === 1 ? "1 rule" : `${count} rules`;
}

// Without this script all rules are shown, and there is nothing to filter with.
if (form) form.hidden = false;
form?.addEventListener("input", filter);
form?.addEventListener("submit", (event) => event.preventDefault());
// A rule that was linked to is shown, whatever the filter says.
addEventListener("hashchange", () => {
  const target = document.getElementById(location.hash.slice(1));
  if (target?.hidden && words && severity) {
    words.value = "";
    severity.value = "";
    filter();
    target.scrollIntoView();
  }
});
filter();
