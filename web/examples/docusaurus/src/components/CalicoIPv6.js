import React, { useEffect, useRef } from "react";
// Room for the element before it is there: nothing of the page moves when it comes.
import "calico-ipv6/element.css";

/**
 * The element as a component: its attributes, and `files`, `onResult` and `onTarget`.
 * It is defined in the browser only: while the site is built there is none, and readers without JavaScript see the children.
 */
export default function CalicoIPv6({ children, files, onResult, onTarget, ...attributes }) {
  const element = useRef(null);
  useEffect(() => {
    void import("calico-ipv6/element");
  }, []);
  useEffect(() => {
    if (files) element.current.files = files;
  }, [files]);
  useEffect(() => {
    const { current } = element;
    const result = ({ detail }) => onResult?.(detail);
    const target = ({ detail }) => onTarget?.(detail);
    current.addEventListener("calico-ipv6-result", result);
    current.addEventListener("calico-ipv6-target", target);
    return () => {
      current.removeEventListener("calico-ipv6-result", result);
      current.removeEventListener("calico-ipv6-target", target);
    };
  }, [onResult, onTarget]);
  return <calico-ipv6 ref={element} {...attributes}>{children}</calico-ipv6>;
}
