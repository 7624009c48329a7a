const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.onmessage = ({ data }) => {
  document.querySelector("pre").textContent = data;
};
worker.postMessage(await (await fetch("installation.yaml")).text());
