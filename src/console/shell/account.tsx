import { Icon } from "../parts/icon.tsx";
import { navigate } from "../router.ts";
import { logOut } from "../server/session.ts";
import type { Session } from "../server/session-store.ts";

/** Who is logged in, and the way out. */
export function Account({ who }: { who: Session }) {
  return (
    <div class="account">
      <Icon name="person" />
      <span class="account-who">
        <strong>{who.name ?? "No name"}</strong>
        <span class="muted">{who.role}</span>
      </span>
      {who.csrfToken !== null && (
        <button
          type="button"
          class="icon-button"
          aria-label="Log out"
          title="Log out"
          onClick={() => {
            logOut().then(
              () => navigate("/login", { replace: true }),
              () => navigate("/login", { replace: true }),
            );
          }}
        >
          <Icon name="out" />
        </button>
      )}
    </div>
  );
}
