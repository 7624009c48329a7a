/** `Target` documents: the settings that a person saved here, or wrote for the command. */

const unquoted = (value: string): string => value.replace(/^(["'])(.*)\1$/, "$2");

/** The values of a list in one text, as an answer has them. */
const listed = (value: string): string =>
  value.startsWith("[") ? value.replace(/^\[|\]$/g, "").split(",").map((one) => unquoted(one.trim())).join(",") : unquoted(value);

/** The settings of a `Target` document; undefined if the text is none. Its layout is the one that this page and the book write. */
export function settingsOfDocument(text: string): Record<string, string> | undefined {
  if (!/"?apiVersion"?:\s*"?calico-ipv6\.io\//.test(text) || !/"?kind"?:\s*"?Target\b/.test(text)) return undefined;
  try {
    const { spec } = JSON.parse(text) as { spec?: Record<string, unknown> };
    return Object.fromEntries(Object.entries(spec ?? {}).map(([key, value]) => [key, String(value)]));
  } catch {
    return settingsOfYaml(text);
  }
}

function settingsOfYaml(text: string): Record<string, string> {
  const settings: Record<string, string> = {};
  const [, flow, block = ""] = /^spec:[ \t]*(\{[^]*?\})?[^\n]*\n?((?:[ \t]+.*\n?|[ \t]*#.*\n?|[ \t]*\n)*)/m.exec(text.replaceAll("\r\n", "\n")) ?? [];
  if (flow) {
    for (const [, key = "", value = ""] of flow.matchAll(/([\w-]+):\s*("[^"]*"|'[^']*'|\[[^\]]*\]|[^,}]+)/g)) settings[key] = listed(value.trim());
    return settings;
  }
  let last = "";
  for (const line of block.split("\n")) {
    const text = line.replace(/(^|\s)#.*$/, "").trim();
    const [, item] = /^-\s+(.+)$/.exec(text) ?? [];
    const [, key, value = ""] = /^([\w-]+):(?:\s+(.+))?$/.exec(text) ?? [];
    if (item) settings[last] = [settings[last], unquoted(item)].filter(Boolean).join(",");
    else if (key) settings[(last = key)] = listed(value);
  }
  return settings;
}
