/** A real browser, and pages for it from a folder. */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { delimiter, extname, join, normalize } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

/** Chromium as `$CHROMIUM` or the system names it. */
function executable(): string {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const paths = [process.env["CHROMIUM"] ?? "", ...names.flatMap((name) => folders.map((folder) => join(folder, name)))];
  const found = paths.find((path) => path !== "" && existsSync(path));
  if (found === undefined) throw new Error("Chromium is needed: install it, or say where it is with CHROMIUM=/path");
  return found;
}

/** It shows pages, and does nothing else. */
const flags = [
  "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export const launch = (): Promise<Browser> => chromium.launch({ executablePath: executable(), args: flags });

/** Opens a page and looks at it. An error where the page, or the console, told one. */
export async function visit<T>(browser: Browser, address: string, look: (page: Page) => Promise<T>): Promise<T> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  let complain: (error: Error) => void = () => {};
  const complaint = new Promise<never>((_, reject) => (complain = reject));
  const told = (what: string) => {
    complaints.push(what);
    complain(new Error(what));
  };
  complaint.catch(() => {});
  page.on("pageerror", (error) => told(`${error}`));
  page.on("console", (message) => {
    // The browser's own wish, which these sites need not fulfil.
    const isIcon = message.location().url.endsWith("/favicon.ico");
    if (message.type() === "error" && !isIcon) told(`${message.text()} ${message.location().url}`);
  });
  page.on("requestfailed", (request) => told(`${request.url()}: ${request.failure()?.errorText}`));
  try {
    await page.goto(address);
    const seen = await Promise.race([look(page), complaint]);
    if (complaints.length > 0) throw new Error(complaints.join("\n"));
    return seen;
  } finally {
    await page.close();
  }
}

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
  ".yaml": "application/yaml",
};

/** The strictest policy under which WebAssembly starts. */
export const strict = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'";

export interface Site extends AsyncDisposable {
  address: string;
}

/** A static server, as plain as they come; with CORS, as a CDN is. */
export async function serve(folder: string, headers: Record<string, string> = { "content-security-policy": strict }): Promise<Site> {
  const server = createServer(({ url }, response) => {
    const path = normalize(decodeURIComponent(new URL(url ?? "/", "http://localhost").pathname));
    const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
    if (!existsSync(file)) return response.writeHead(404).end();
    response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream", ...headers });
    return response.end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, [Symbol.asyncDispose]: stop };
}
