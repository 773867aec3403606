// Security keys and passkeys: asks the browser, puts its answer into the form, and sends it.

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const words = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

// What the server wrote as text, as the browser wants it.
const asked = (written) => {
  const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
  const options = { ...written, challenge: bytes(written.challenge) };
  if (written.user) options.user = { ...written.user, id: bytes(written.user.id) };
  if (written.excludeCredentials) options.excludeCredentials = named(written.excludeCredentials);
  if (written.allowCredentials) options.allowCredentials = named(written.allowCredentials);
  return options;
};

// What the browser answered, as text.
const answered = (credential) => {
  const found = credential.response;
  const response = { clientDataJSON: words(found.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (found[name]) response[name] = words(found[name]);
  }
  if (found.getTransports) response.transports = found.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: words(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
};

let waiting = null;
const ask = async (form, mediation) => {
  waiting?.abort();
  waiting = new AbortController();
  const call = { publicKey: asked(JSON.parse(form.dataset.keyOptions)), signal: waiting.signal };
  if (mediation) call.mediation = mediation;
  const credential = await (form.dataset.key === "create" ? navigator.credentials.create(call) : navigator.credentials.get(call));
  form.querySelector("[data-key-response]").value = answered(credential);
  form.requestSubmit();
};

const able = Boolean(window.PublicKeyCredential && window.isSecureContext);
document.querySelectorAll("[data-key-unable]").forEach((note) => { note.hidden = able; });
if (able) document.querySelectorAll("form[data-key]").forEach((form) => {
  const [button, failed] = [form.querySelector("[data-key-button]"), form.querySelector("[data-key-failed]")];
  form.hidden = false;
  button.hidden = false;
  button.addEventListener("click", async () => {
    if (!form.reportValidity()) return;
    failed.hidden = true;
    try {
      await ask(form);
    } catch {
      failed.hidden = false;
    }
  });
});

// A sign-in page offers passkeys among what the browser fills in.
const autofill = document.querySelector("form[data-key-autofill]");
if (able && autofill && (await PublicKeyCredential.isConditionalMediationAvailable?.())) {
  ask(autofill, "conditional").catch(() => {});
}
