// Passkeys: between a form and the key that a person holds. The form says which ceremony (`data-passkey`), the server's
// options stand beside it, and what the key answers is posted in `credential` as the form's own field.

const bytes = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));

const text = (buffer) => {
  let held = "";
  for (const one of new Uint8Array(buffer)) held += String.fromCharCode(one);
  return btoa(held).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
};

const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

const answer = (credential) => {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (credential.response[name]) response[name] = text(credential.response[name]);
  }
  if (credential.response.getTransports) response.transports = credential.response.getTransports();
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  });
};

const create = ({ publicKey }, alone) => navigator.credentials.create({
  publicKey: {
    ...publicKey,
    challenge: bytes(publicKey.challenge),
    user: { ...publicKey.user, id: bytes(publicKey.user.id) },
    excludeCredentials: known(publicKey.excludeCredentials),
    authenticatorSelection: {
      ...publicKey.authenticatorSelection,
      residentKey: alone ? "required" : "discouraged",
      requireResidentKey: alone,
      ...(alone ? { userVerification: "required" } : {}),
    },
  },
});

const get = ({ publicKey }) => navigator.credentials.get({
  publicKey: { ...publicKey, challenge: bytes(publicKey.challenge), allowCredentials: known(publicKey.allowCredentials) },
});

const beside = (form) => JSON.parse(document.getElementById(form.dataset.options).textContent);

const asked = async (form) => (await fetch(form.action, { headers: { "X-Requested-With": "XMLHttpRequest" } })).json();

const ceremonies = {
  create: (form) => create(beside(form).creation_options, form.elements.passwordless?.checked ?? false),
  get: (form) => get(beside(form).request_options),
  enter: async (form) => get((await asked(form)).request_options),
};

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const ceremony = ceremonies[form.dataset.passkey];
  if (!ceremony) return;
  event.preventDefault();
  const finding = form.querySelector(".passkey-finding");
  finding.textContent = "";
  if (!navigator.credentials) {
    finding.textContent = "This browser or address cannot use passkeys. Open RevOps by https and its name.";
    return;
  }
  try {
    form.elements.credential.value = answer(await ceremony(form));
    form.submit();
  } catch (error) {
    finding.textContent = error.name === "InvalidStateError"
      ? "This key is registered already. Use another one."
      : "The key did not answer, or it was cancelled. Try again.";
  }
});
