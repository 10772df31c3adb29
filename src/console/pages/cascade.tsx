import { Page } from "../parts/page.tsx";

export function Cascade() {
  return <Page title="Cascade">{null}</Page>;
}
