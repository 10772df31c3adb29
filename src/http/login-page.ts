/** The login without the console: a form that needs no script. target: where to go then, a path of this site. */
export function loginPage(target: string, mistake?: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Log in · Tourniquet</title>
<h1>Tourniquet</h1>
${mistake === undefined ? "" : `<p role="alert">${escaped(mistake)}</p>\n`}<form method="post" action="/login">
<p><label>Your token <input type="password" name="token" autocomplete="current-password" required autofocus></label>
<input type="hidden" name="then" value="${escaped(target)}">
<button>Log in</button>
</form>
</html>
`;
}

const entities: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (sign) => entities[sign]!);
