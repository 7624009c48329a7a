/** What Lit extends and asks where there is no document: the element can be imported there, and does nothing. */
export const { HTMLElement = class {}, customElements } = globalThis;
