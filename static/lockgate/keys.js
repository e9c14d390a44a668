// Keys move about the page; none decides. They rest in fields and can be switched off.
"use strict";

(() => {
  const stored = "lockgate-keys";
  const dialog = document.getElementById("keys");
  const button = document.getElementById("keys-switch");
  const isOn = () => localStorage.getItem(stored) !== "off";

  const showSwitch = () => {
    button.setAttribute("aria-pressed", String(isOn()));
    button.textContent = isOn() ? "Keys are on" : "Keys are off";
  };

  const writing = (target) => target.closest("input, select, textarea, dialog, [contenteditable]");

  // From the one that has the focus to its neighbour; a list is walked by its main links.
  const step = (selector, by) => {
    const all = [...document.querySelectorAll(selector)];
    if (!all.length) return;
    const at = all.findIndex((one) => one === document.activeElement || one.contains(document.activeElement));
    const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
    if (!next.matches("a, button")) next.tabIndex = -1;
    next.focus();
    next.scrollIntoView({ block: "nearest" });
  };

  const jump = (selector) => document.querySelector(selector)?.focus();

  const acts = {
    "?": () => dialog.showModal(),
    "/": () => jump("[data-search], .filters select, .filters input"),
    j: () => step("[data-list] .first > a", 1),
    k: () => step("[data-list] .first > a", -1),
    n: () => step("main h2", 1),
    p: () => step("main h2", -1),
    d: () => jump("#decision"),
  };

  button.addEventListener("click", () => {
    localStorage.setItem(stored, isOn() ? "off" : "on");
    showSwitch();
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || writing(event.target)) return;
    const act = acts[event.key];
    if (!act || (!isOn() && event.key !== "?")) return;
    event.preventDefault();
    act();
  });

  showSwitch();

  // What went wrong takes the focus.
  document.querySelector("[data-focus]")?.focus();
})();
