// The page works without this: it only says aloud what was done, shows how far a crawl is, and adds what it found.
"use strict";
document.querySelector("[data-said]")?.focus();
const crawl = document.querySelector("[data-crawl]");
if (crawl && "EventSource" in window) {
  const said = crawl.querySelector("[data-progress]");
  const events = new EventSource("/crawl/events?key=" + encodeURIComponent(crawl.dataset.crawl));
  const many = (count, one, more) => `${count.toLocaleString("en-GB")} ${count === 1 ? one : more}`;
  const show = (event) => {
    const now = JSON.parse(event.data);
    if (now.area) {
      said.textContent = [
        many(now.sites, "source", "sources"), many(now.requests, "page asked for", "pages asked for"), many(now.listings, "space listed", "spaces listed"),
      ].join(", ");
    }
    return now;
  };
  events.addEventListener("progress", show);
  events.addEventListener("done", async (event) => {
    const now = show(event);
    events.close();
    if ("stay" in crawl.dataset) {
      // Nothing that was typed and not saved is taken away.
      said.textContent += "; done";
      return;
    }
    said.textContent += now.added ? `; done, ${many(now.added, "is new", "are new")}` : "; done, nothing new";
    const before = document.querySelector("#results");
    // Nothing is moved under the hands of somebody who is reading.
    if (!now.added || before.contains(document.activeElement) || before.querySelector("details[open]")) return;
    const page = new DOMParser().parseFromString(await (await fetch(location.href)).text(), "text/html");
    for (const part of ["#results", "#first", ".beside"]) {
      const after = page.querySelector(part);
      if (after) document.querySelector(part)?.replaceWith(after);
    }
  });
}
