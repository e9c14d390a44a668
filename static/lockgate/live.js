// Live parts never take the focus away: while it is inside, the new state waits for the next look.
"use strict";

document.addEventListener("htmx:beforeSwap", (event) => {
  const part = event.detail.target;
  if (part.matches("[data-live]") && part.contains(document.activeElement)) event.detail.shouldSwap = false;
});
