// What `await` outside of functions needs in a worker.
export default { worker: { format: "es" } };
