// Comfort only: pressing the button saves too. Nothing is kept on the device.
const EVERY_SECONDS = 20;
const LONGEST_SECONDS = 5;

const form = document.querySelector("form[data-autosave]");
const says = document.getElementById("saved");
// What was kept and is shown again is not saved yet.
let typed = new URLSearchParams(location.search).has("kept");
let stopped = false;
let saving = null;

form.addEventListener("input", () => {
  typed = true;
});
form.addEventListener("focusout", (event) => {
  const onwards = event.relatedTarget?.type === "submit";
  if (!onwards && event.target.matches("textarea, input[type=text], input:not([type])")) {
    save();
  }
});
// A press waits for a save that is on its way: it must know which words it follows.
form.addEventListener("submit", async (event) => {
  stopped = true;
  if (saving) {
    event.preventDefault();
    event.stopPropagation();
    await saving;
    form.requestSubmit(event.submitter);
  }
});
window.addEventListener("pageshow", () => {
  stopped = false;
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) {
    save();
  }
});
window.addEventListener("online", save);
window.addEventListener("offline", () => {
  say("You are offline. What you type is not saved yet. We will try again.");
});
setInterval(save, EVERY_SECONDS * 1000);

function say(words) {
  if (says.textContent !== words) {
    says.textContent = words;
  }
}

function fields() {
  const found = [...new FormData(form)].filter(([, value]) => typeof value === "string");
  return new URLSearchParams(found);
}

async function save() {
  if (typed && !stopped && !saving) {
    typed = false;
    saving = post();
    await saving;
    saving = null;
  }
}

async function post() {
  try {
    const response = await fetch(form.dataset.autosave, {
      method: "POST",
      body: fields(),
      redirect: "error",
      keepalive: true,
      signal: AbortSignal.timeout(LONGEST_SECONDS * 1000),
    });
    if (response.ok) {
      const kept = await response.json();
      form.elements.version.value = kept.version;
      say(`Saved at ${kept.at}`);
      document.dispatchEvent(new CustomEvent("portal:saved"));
    } else if (response.status === 409) {
      stopped = true;
      say("This page was changed in another window. Press the button to see both.");
    } else {
      typed = true;
      say("Not saved yet. Press the button, and we keep what you wrote.");
    }
  } catch {
    typed = true;
    say("Not saved yet: we cannot reach the service. We will try again.");
  }
}
