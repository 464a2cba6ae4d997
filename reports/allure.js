// Allure draws its page as one looks around in it. Whatever it draws gets here what it lacks: a name for those who hear the page,
// a stop of the keyboard where there is something to scroll. It changes nothing that is said.
(() => {
  const icons = {
    "M12 3v18": "Lay out in two columns or one",
    "M5.508": "Light or dark",
    "M30.94": "Show as a page",
    "M20 7v": "Show as text",
    "m14.5 15": "Show as code",
    "m14 10": "Enlarge",
    "M4 16": "Download",
    "M5 15": "Copy",
    "M8 17": "Copy",
    "m6 9": "Open or close",
    "M9.554": "Open or close",
    "m17 18": "Close all below",
    "m18 15": "Close all below",
    "m7 13": "Open all below",
  };
  const own = {
    "test-result-nav-prev": "The test before",
    "test-result-nav-next": "The next test",
  };
  const alone = new Set(["Lay out in two columns or one", "Light or dark", ...Object.values(own)]);
  const scrolled = "allure-widgets-grid, .side-by-side__left, .side-by-side__right";

  // The words that stand nearest around a part, without its own.
  const around = (part) => {
    let box = part.parentElement;
    while (box && box.textContent.trim().length <= part.textContent.trim().length) box = box.parentElement;
    const said = (box?.innerText ?? "").replace(/\s+/g, " ").trim();
    return said.length > 300 ? "" : said.slice(0, 100);
  };

  const what = (part) => {
    if (part.matches("[role=img]")) return "Picture";
    const drawn = part.querySelector("path")?.getAttribute("d") ?? "";
    const icon = Object.keys(icons).find((start) => drawn.startsWith(start));
    if (part.previousElementSibling?.dataset.testid === "toggle-layout-button") return "Light or dark";
    return own[part.dataset.testid] ?? icons[icon] ?? "Button";
  };

  const name = (part) => {
    const is = what(part);
    const said = [is, alone.has(is) ? "" : around(part)].filter(Boolean).join(": ");
    if (part.getAttribute("aria-label") !== said) part.setAttribute("aria-label", said);
    part.dataset.named = "";
  };

  const mend = () => {
    for (const part of document.querySelectorAll("button, [role=img]")) {
      const label = part.getAttribute("aria-label"), text = part.textContent.trim();
      const picture = part.matches("[role=img]");
      if ("named" in part.dataset || !(label || part.title || part.getAttribute("aria-labelledby") || (text && !picture))) name(part);
      else if (label && text && !picture && !label.includes(text)) part.removeAttribute("aria-label");
    }
    for (const part of document.querySelectorAll(scrolled)) part.tabIndex = 0;
  };

  // Allure 3 opens at its first test, so that the verdict is above the screen: until somebody does something, it stays at its top.
  let touched = location.hash !== "";
  for (const deed of ["click", "keydown", "pointerdown", "touchstart", "wheel"])
    addEventListener(deed, () => { touched = true; }, { capture: true, once: true, passive: true });
  const top = () => { if (!touched) document.querySelector("[data-testid=report-header]")?.scrollIntoView({ block: "center" }); };

  let due = 0;
  new MutationObserver(() => { due ||= requestAnimationFrame(() => { due = 0; mend(); top(); }); })
    .observe(document, { childList: true, subtree: true });
})();
