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
