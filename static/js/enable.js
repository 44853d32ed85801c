// Runs before anything is drawn, so that what needs JavaScript does not flash in and out.
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("govuk-frontend-supported");
}
