import type { ComponentChildren } from "preact";

interface LinkProps {
  href: string;
  class?: string;
  children: ComponentChildren;
  "aria-current"?: "page" | undefined;
  "aria-label"?: string | undefined;
  onClick?: (() => void) | undefined;
}

/** To another page of the console: router.ts takes it from here. A new tab, a copied address and "back" work as with any link. */
export function Link(props: LinkProps) {
  return <a data-page {...props} />;
}
