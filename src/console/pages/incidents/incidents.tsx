import { Page } from "../../parts/page.tsx";

export function Incidents() {
  return <Page title="Incidents">{null}</Page>;
}
