import React, { useEffect } from "react";

/** The element is defined in the browser only: while the site is built there is none. */
export default function CalicoIPv6({ children, ...attributes }) {
  useEffect(() => {
    void import("calico-ipv6/element");
  }, []);
  return <calico-ipv6 {...attributes}>{children}</calico-ipv6>;
}
