/** The names of the examples, as the attributes `example` and `hide` say them, and what their buttons say. */
export const EXAMPLES = { stock: "Manifest", operator: "Operator", openshift: "OpenShift", kubeadm: "kubeadm", broken: "A broken one" };

export type ExampleName = keyof typeof EXAMPLES;

/** Nothing is left to load when somebody takes an example: they come beside the engine. */
export const loadExamples = () => import("./examples.js").then(({ examples }) => examples, () => undefined);
