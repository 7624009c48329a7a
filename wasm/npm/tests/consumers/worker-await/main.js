const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
const text = await (await fetch("installation.yaml")).text();
worker.onmessage = ({ data }) => {
  // It says that it is ready, and then what it has.
  if (data === "") worker.postMessage(text);
  else document.querySelector("pre").textContent = data;
};
