// Comfort only: every page works without this file.
const FREE_SECONDS = 10;
const MAX_MINUTES = 5;
const FIRST_SECONDS = 2;
const SLOWEST_SECONDS = 10;

// The address comes from the page, because its name holds a hash of the file.
const { initAll } = await import(document.getElementById("govuk-frontend").href);
initAll();

// A second press of a button must not send a form twice. Some answers leave the page standing
// (a download, a lost network), so the form is freed again after a while.
const sent = new WeakSet();
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (sent.has(form)) {
    event.preventDefault();
    return;
  }
  sent.add(form);
  setTimeout(() => sent.delete(form), FREE_SECONDS * 1000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.forms) {
    sent.delete(form);
  }
});

// Follow work in progress: fetch the passage again from its address until the copy that comes
// back asks for no more. The passage is a polite live region, so what changes is read out.
async function follow(passage) {
  const until = Date.now() + MAX_MINUTES * 60_000;
  let seconds = FIRST_SECONDS;
  while (passage.dataset.poll && Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    seconds = Math.min(seconds * 1.5, SLOWEST_SECONDS);
    if (document.hidden) {
      continue;
    }
    const copy = await fetchCopy(passage);
    if (!copy) {
      return;
    }
    passage.dataset.poll = copy.dataset.poll ?? "";
    // What belongs to the passage and is too long to be read out.
    for (const beside of document.querySelectorAll(`[data-follows="${passage.id}"]`)) {
      take(beside, copy.ownerDocument.getElementById(beside.id));
    }
    take(passage, copy);
  }
}

// Put the copy's content in place of the passage's, where it differs: then it is read out once.
function take(passage, copy) {
  if (copy.textContent.trim() !== passage.textContent.trim()) {
    passage.replaceChildren(...document.adoptNode(copy).childNodes);
  }
}

// The same passage of a fresh page, or nothing when the page could not be had: then the link
// inside the passage is the way on. DOMParser runs no script.
async function fetchCopy(passage) {
  try {
    const response = await fetch(passage.dataset.poll, { redirect: "error" });
    if (!response.ok) {
      return null;
    }
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    return page.getElementById(passage.id);
  } catch {
    return null;
  }
}

for (const passage of document.querySelectorAll("[data-poll]")) {
  follow(passage);
}

// --- Select several ---------------------------------------------------------------------------

const selectAll = document.getElementById("select-all");

if (selectAll) {
  const every = selectAll.querySelector("input");
  const said = document.getElementById("selected");
  const boxes = [...every.form.elements].filter((box) => box.name === selectAll.dataset.boxes);
  const count = () => {
    const chosen = boxes.filter((box) => box.checked).length;
    every.checked = chosen === boxes.length;
    every.indeterminate = chosen > 0 && chosen < boxes.length;
    said.textContent = `${chosen} of ${boxes.length} selected`;
  };
  every.addEventListener("change", () => {
    for (const box of boxes) {
      box.checked = every.checked;
    }
    count();
  });
  every.form.addEventListener("change", (event) => {
    if (event.target !== every) {
      count();
    }
  });
  selectAll.hidden = false;
  count();
}

// --- Hide this page -------------------------------------------------------------------------

const HIDE_PRESSES = 3;
const HIDE_SECONDS = 2;
const hideForm = document.getElementById("hide-page");

// Forms in which somebody has typed since the page was opened, the latest last.
const typedIn = new Set();
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.elements.author && form !== hideForm) {
    typedIn.delete(form);
    typedIn.add(form);
  }
});

function copyField(form, name, value) {
  const field = document.createElement("input");
  field.type = "hidden";
  field.name = name;
  field.value = value;
  form.append(field);
}

// What was typed goes with the press: it is held for its author.
hideForm?.addEventListener("submit", () => {
  const form = [...typedIn].pop();
  if (form) {
    const own = new Set([...hideForm.elements].map((field) => field.name));
    for (const [name, value] of new FormData(form)) {
      if (typeof value === "string" && !own.has(name)) {
        copyField(hideForm, name, value);
      }
    }
    copyField(hideForm, "posts_to", new URL(form.action, location.href).pathname);
  }
});

let shifts = [];
document.addEventListener("keyup", (event) => {
  if (event.key !== "Shift") {
    return;
  }
  shifts = [...shifts, Date.now()].slice(-HIDE_PRESSES);
  if (shifts.length === HIDE_PRESSES && shifts[HIDE_PRESSES - 1] - shifts[0] < HIDE_SECONDS * 1000) {
    hideForm?.requestSubmit();
  }
});
// A letter between two presses of Shift is somebody writing.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Shift") {
    shifts = [];
  }
});

// A page that the browser kept for Back is asked for again: the session may be over, or locked.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    location.reload();
  }
});

// --- How long the session lasts -------------------------------------------------------------

const WARN_SECONDS = 120;
const ASK_AGAIN_SECONDS = 5;
const TOLD_AT = [120, 60, 30];
const idle = document.getElementById("idle");

if (idle) {
  watch(idle);
}

function watch(dialog) {
  const { session, over } = dialog.dataset;
  const left = document.getElementById("idle-left");
  const stay = document.getElementById("idle-stay");
  // The windows of this browser tell one another; nothing is stored.
  const windows = new BroadcastChannel("portal-session");
  let ends = 0;
  let leaving = false;
  let told = Infinity;

  function lasts(seconds) {
    ends = Date.now() + seconds * 1000;
    told = Infinity;
    if (seconds > WARN_SECONDS && dialog.open) {
      dialog.close();
    }
  }

  function press(seconds) {
    lasts(seconds);
    windows.postMessage({ ends });
  }

  windows.addEventListener("message", (event) => {
    if (event.data.ends > ends) {
      lasts((event.data.ends - Date.now()) / 1000);
    }
  });
  document.addEventListener("portal:saved", () => press(Number(dialog.dataset.seconds)));

  stay.addEventListener("submit", async (event) => {
    event.preventDefault();
    const found = await asked({ method: "POST", body: new URLSearchParams(new FormData(stay)) });
    if (found) {
      press(found);
    }
  });

  async function asked(options) {
    try {
      const response = await fetch(session, { redirect: "error", ...options });
      return response.ok ? (await response.json()).left : 0;
    } catch {
      return null;
    }
  }

  // The server alone knows whether the time is up: another window may have been busy.
  async function leave() {
    leaving = true;
    const found = await asked();
    leaving = false;
    if (found === null) {
      lasts(ASK_AGAIN_SECONDS);
    } else if (found > 0) {
      lasts(found);
    } else {
      leaving = true;
      const form = [...typedIn].pop();
      if (form) {
        copyField(form, "hold", "1");
        HTMLFormElement.prototype.submit.call(form);
      } else {
        location.assign(over);
      }
    }
  }

  function tick() {
    const seconds = Math.round((ends - Date.now()) / 1000);
    if (leaving) {
      return;
    }
    if (seconds <= 0) {
      leave();
      return;
    }
    if (seconds > WARN_SECONDS) {
      return;
    }
    if (!dialog.open) {
      dialog.showModal();
    }
    const say = TOLD_AT.filter((at) => at >= seconds).pop();
    if (say < told) {
      told = say;
      const words = say >= 60 ? `${say / 60} minute${say > 60 ? "s" : ""}` : `${say} seconds`;
      left.textContent = `You will be signed out in ${words}. We keep what you wrote.`;
    }
  }

  press(Number(dialog.dataset.seconds));
  setInterval(tick, 1000);
}
