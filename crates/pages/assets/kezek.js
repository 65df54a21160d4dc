// Keeps a page up to date, and answers keys. Without it a page still says everything: it is then asked for anew.
"use strict";
(() => {
  const main = document.getElementById("main");
  const offline = document.getElementById("offline");
  const typing = () => {
    const at = document.activeElement;
    return at && main.contains(at) && /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName) && at.type !== "button";
  };
  const filled = () => [...main.querySelectorAll("input:not([type=hidden]),textarea,select")]
    .some(field => field.type === "checkbox" || field.type === "radio"
      ? field.checked !== field.defaultChecked
      : field.tagName === "SELECT"
        ? [...field.options].some(option => option.selected !== option.defaultSelected)
        : field.value !== field.defaultValue);

  // A row under the focus stays under it; what was opened stays open.
  const keep = renew => {
    const at = document.activeElement;
    const id = at && main.contains(at) ? at.id : "";
    const top = id ? at.getBoundingClientRect().top : 0;
    const open = [...main.querySelectorAll("details[open][id]")].map(one => one.id);
    renew();
    for (const one of open) document.getElementById(one)?.setAttribute("open", "");
    const again = id && document.getElementById(id);
    if (again) {
      again.focus({ preventScroll: true });
      window.scrollBy(0, again.getBoundingClientRect().top - top);
    }
  };

  // Nothing is replaced under a finger or a cursor: it is done a moment later.
  let pressed = 0;
  addEventListener("pointerdown", () => { pressed = Date.now(); }, true);
  addEventListener("click", () => { pressed = 0; });
  const busy = () => Date.now() - pressed < 1000 || typing() || filled() || document.querySelector("dialog[open]");

  const lost = since => {
    if (!offline.hidden) return;
    offline.querySelector("time").textContent = since.toLocaleTimeString(document.documentElement.lang);
    offline.hidden = false;
  };

  // Who has no mouse scrolls a wide table with the keys.
  const reach = () => {
    for (const box of main.querySelectorAll(".scroll")) {
      if (box.scrollWidth > box.clientWidth) box.tabIndex = 0; else box.removeAttribute("tabindex");
    }
  };
  reach();
  addEventListener("resize", reach);
  addEventListener("toggle", reach, true);

  // How long to wait before it is tried again; 0 when it is done.
  const replace = async () => {
    try {
      const answer = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "manual" });
      // The session has ended.
      if (answer.type === "opaqueredirect") location.reload();
      if (!answer.ok) return 0;
      offline.hidden = true;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (busy()) return 1000;
      const facts = document.querySelector("header .facts");
      keep(() => {
        main.replaceChildren(...fresh.getElementById("main").childNodes);
        facts.replaceChildren(...fresh.querySelector("header .facts").childNodes);
        reach();
      });
      sound();
      return 0;
    } catch {
      lost(new Date());
      return 3000;
    }
  };

  // One sound for what is urgent and new; a browser allows none before somebody has touched the page.
  let speaker, touched = false;
  const sound = () => {
    const group = main.querySelector("[data-alarm]");
    if (!group) return;
    const urgent = group.dataset.alarm.split(" ").filter(Boolean);
    const heard = (sessionStorage.getItem("heard") ?? "").split(" ");
    const isNew = urgent.some(one => !heard.includes(one));
    if (isNew && (!touched || "muted" in group.dataset)) return;
    sessionStorage.setItem("heard", urgent.join(" "));
    if (isNew) tone();
  };
  const tone = () => {
    speaker ??= new AudioContext();
    const voice = speaker.createOscillator(), loudness = speaker.createGain();
    const end = speaker.currentTime + 0.8;
    voice.frequency.value = 880;
    loudness.gain.setValueAtTime(0.3, speaker.currentTime);
    loudness.gain.linearRampToValueAtTime(0, end);
    voice.connect(loudness).connect(speaker.destination);
    voice.start();
    voice.stop(end);
  };
  const touch = event => {
    touched = true;
    // Whoever is about to mute it need not hear it.
    if (!event.target.closest?.("[data-alarm]")) sound();
  };
  for (const kind of ["click", "keydown"]) addEventListener(kind, touch);

  // A link to a field of a form that is folded opens it.
  const unfold = () => {
    const field = document.getElementById(location.hash.slice(1));
    const folded = field?.closest("main details");
    if (!folded) return;
    folded.open = true;
    field.focus();
  };
  unfold();
  addEventListener("hashchange", unfold);

  let wanted = false, renewing = false;
  const renew = async () => {
    wanted = true;
    if (renewing) return;
    renewing = true;
    while (wanted) {
      wanted = false;
      const again = busy() ? 1000 : await replace();
      if (again) wanted = true;
      await new Promise(resolve => { setTimeout(resolve, again || 1000); });
    }
    renewing = false;
  };

  // The control room speaks every 20 seconds at least; a line that was cut need not say so.
  const quiet = 45000;
  let stream, heard;
  const listen = () => {
    heard = Date.now();
    stream = new EventSource("/live");
    stream.onopen = () => { heard = Date.now(); offline.hidden = true; renew(); };
    stream.onmessage = () => { heard = Date.now(); renew(); };
    stream.onerror = () => lost(new Date());
  };
  if (main.querySelector("[data-live]")) {
    listen();
    setInterval(() => {
      const isQuiet = Date.now() - heard > quiet;
      if (isQuiet) lost(new Date(heard));
      if (isQuiet || stream.readyState === EventSource.CLOSED) { stream.close(); listen(); }
    }, 5000);
    addEventListener("offline", () => lost(new Date()));
    addEventListener("online", renew);
    addEventListener("pagehide", () => stream.close());
  }

  const rows = () => [...main.querySelectorAll("[data-row]")].filter(row => row.offsetParent);
  const step = by => {
    const all = rows();
    const place = all.findIndex(row => row.contains(document.activeElement));
    all[Math.max(0, Math.min(all.length - 1, place + by))]?.focus();
  };
  let going = false;
  addEventListener("keydown", event => {
    if (event.ctrlKey || event.altKey || event.metaKey || /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
    const key = event.key;
    const letter = /^[a-z]$/.test(key) ? key : "";
    if (going && letter) {
      going = false;
      document.querySelector(`.menu a[data-go="${letter}"]`)?.click();
      return;
    }
    going = key === "g";
    // What a letter leads to: on the row under the focus, or on the page.
    const row = event.target.closest?.("[data-row]");
    if (letter) (row?.querySelector(`[data-key="${letter}"]`) ?? main.querySelector(`:scope > * > [data-key="${letter}"]`))?.click();
    if (key === "j") step(1);
    if (key === "k") step(-1);
    if (key === "Enter" && event.target === row) row.querySelector("a")?.click();
    if (key === "/") { const field = main.querySelector("[data-filter]"); if (field) { event.preventDefault(); field.focus(); } }
    if (key === "[" || key === "]") main.querySelector(`a[rel=${key === "[" ? "prev" : "next"}]`)?.click();
    if (key === "v") main.querySelectorAll("details.twin").forEach(twin => { twin.open = !twin.open; });
    if (key === "?") { const help = document.getElementById("keys"); if (help) help.open = !help.open; }
  });
})();
