import { Page } from "../../parts/page.tsx";

export function Incident() {
  return <Page title="Incident">{null}</Page>;
}
