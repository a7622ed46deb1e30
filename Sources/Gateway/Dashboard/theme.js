// Loaded before the page is drawn, so that a dark page does not flash white first.
"use strict";

(() => {
  const key = "tinybox-theme";
  const choices = ["auto", "light", "dark"];

  function stored() {
    try {
      const choice = localStorage.getItem(key);
      return choices.includes(choice) ? choice : "auto";
    } catch {
      return "auto"; // Storage may be forbidden; the page works without it.
    }
  }

  function use(choice) {
    if (choice === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
    const button = document.getElementById("theme");
    if (button) button.textContent = `Theme: ${choice}`;
  }

  function next() {
    const choice = choices[(choices.indexOf(stored()) + 1) % choices.length];
    try {
      localStorage.setItem(key, choice);
    } catch {
      // It holds for this page only.
    }
    use(choice);
  }

  use(stored());
  document.addEventListener("DOMContentLoaded", () => {
    use(stored());
    document.getElementById("theme").addEventListener("click", next);
  });
})();
