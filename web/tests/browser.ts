/** A browser and a static server for tests: only what is installed here is used. */
import { accessSync, constants } from "node:fs";
import { readFile } from "node:fs/promises";
import { type Server, createServer } from "node:http";
import { delimiter, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium } from "playwright-core";

export const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".wasm": "application/wasm",
  ".yaml": "text/plain; charset=utf-8",
  ".json": "application/json",
};

/** Serves folders, each below its own path, as any static host does. */
export async function serve(folders: Record<string, string>): Promise<{ url: string; close: () => Promise<void> }> {
  const server: Server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://host").pathname);
    const base = Object.keys(folders)
      .filter((folder) => path.startsWith(folder))
      .sort((a, b) => b.length - a.length)[0];
    const rest = path.slice(base?.length ?? 0);
    const file = join(folders[base ?? ""] ?? "/nowhere", normalize(`/${rest === "" || rest.endsWith("/") ? `${rest}index.html` : rest}`));
    try {
      const body = await readFile(file);
      response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404, { "content-type": "text/plain" }).end("not found");
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return { url: `http://127.0.0.1:${address.port}`, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** The browser of this machine: `$CHROMIUM`, or the first one on the path. */
export function executable(): string {
  const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
  const folders = (process.env["PATH"] ?? "").split(delimiter);
  const candidates = [process.env["CHROMIUM"], ...names.flatMap((name) => folders.map((folder) => join(folder, name)))];
  for (const candidate of candidates) {
    try {
      if (candidate) {
        accessSync(candidate, constants.X_OK);
        return candidate;
      }
    } catch {
      // The next one.
    }
  }
  throw new Error("no Chromium is installed: install your system's package, or say where it is in CHROMIUM");
}

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: executable(),
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}
