// Improves pages that work without it: copying, showing a password, codes, double presses.

const on = (selector, event, act) =>
  document.querySelectorAll(selector).forEach((element) => element.addEventListener(event, (happened) => act(element, happened)));

// Copying: the button is hidden where there are no scripts.
document.querySelectorAll("[data-copy]").forEach((button) => { button.hidden = !navigator.clipboard; });
on("[data-copy]", "click", async (button) => {
  await navigator.clipboard.writeText(button.dataset.copy);
  const [label, done] = [button.querySelector("[data-copy-label]"), button.querySelector("[data-copy-done]")];
  label.hidden = true;
  done.hidden = false;
  button.setAttribute("aria-live", "polite");
  setTimeout(() => { label.hidden = false; done.hidden = true; }, 2000);
});

// A form is sent once, however often its button is pressed; coming back makes it ready again.
on("form[data-once]", "submit", (form, happened) => {
  if (form.dataset.sent) { happened.preventDefault(); return; }
  form.dataset.sent = "yes";
  form.querySelectorAll("button:not([type=button])").forEach((button) => button.setAttribute("aria-disabled", "true"));
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => {
  delete form.dataset.sent;
  form.querySelectorAll("button").forEach((button) => button.removeAttribute("aria-disabled"));
}));

// A code is shown in two groups while it is typed or pasted.
on("input[data-code]", "input", (field) => {
  if (field.selectionStart !== field.value.length) return;
  const letters = field.value.normalize("NFKC").replace(/[^a-z]/gi, "").toUpperCase().slice(0, 8);
  field.value = letters.length > 4 ? `${letters.slice(0, 4)}-${letters.slice(4)}` : letters;
});

// The six digits of an app are shown in two groups.
on("input[data-digits]", "input", (field) => {
  if (field.selectionStart !== field.value.length) return;
  const digits = field.value.normalize("NFKC").replace(/\P{Nd}/gu, "").slice(0, 6);
  field.value = digits.length > 3 ? `${digits.slice(0, 3)} ${digits.slice(3)}` : digits;
});

// What is awaited is looked for again; the page changes only when there is news, so that nobody who
// reads or listens is taken back to its beginning.
document.querySelectorAll("[data-again]").forEach((link) => {
  const look = setInterval(async () => {
    const answer = await fetch(location.href).catch(() => null);
    if (!answer?.ok || (await answer.text()).includes("data-again")) return;
    clearInterval(look);
    location.reload();
  }, 1000 * link.dataset.again);
});

// Printing: like copying, hidden where there are no scripts.
document.querySelectorAll("[data-print]").forEach((button) => { button.hidden = false; });
on("[data-print]", "click", () => print());

// A password can be looked at.
document.querySelectorAll("[data-reveal]").forEach((button) => {
  const field = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });
});

// The strength of a new password, estimated by the server that will judge it.
document.querySelectorAll("[data-strength-url]").forEach((box) => {
  const field = document.getElementById(box.dataset.for);
  const [meter, words] = [box.querySelector("meter"), box.querySelector("[data-words]")];
  let waiting, asked = 0;
  const later = (milliseconds) => {
    clearTimeout(waiting);
    waiting = setTimeout(ask, milliseconds);
  };
  const ask = async () => {
    const mine = ++asked;
    const answer = await fetch(box.dataset.strengthUrl, { method: "POST", body: new FormData(field.form) });
    if (mine !== asked) return;
    // What was said of fewer letters is not said of these.
    box.hidden = !field.value || !answer.ok;
    if (answer.status === 429) later(1000 * (Number(answer.headers.get("Retry-After")) || 60));
    if (!answer.ok) return;
    const found = await answer.json();
    meter.value = found.score + 1;
    words.textContent = found.words;
  };
  field.addEventListener("input", () => later(500));
});

// A form with errors says so at once to those who listen.
document.getElementById("form-errors")?.focus();

// An open menu closes when one goes elsewhere.
addEventListener("click", (happened) => document.querySelectorAll("details.menu[open]").forEach((menu) => {
  if (!menu.contains(happened.target)) menu.open = false;
}));
addEventListener("keydown", (happened) => {
  if (happened.key !== "Escape") return;
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});

// Who signs out leaves nothing on the screen of other tabs, whether or not the server can be reached.
const signOut = 'form[action$="/signout"]';
const leaving = new BroadcastChannel("leaving");
on(signOut, "submit", () => leaving.postMessage("left"));
leaving.addEventListener("message", () => {
  if (!document.querySelector(signOut)) return;
  document.body.replaceChildren();
  addEventListener("focus", () => location.replace(location.href), { once: true });
});
