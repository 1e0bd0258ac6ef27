// The page works without this: it only shows how far a crawl is, and offers the new answer when it is done.
"use strict";
const crawl = document.querySelector("[data-crawl]");
if (crawl && "EventSource" in window) {
  const said = crawl.querySelector("[data-progress]");
  const events = new EventSource("/crawl/events?key=" + encodeURIComponent(crawl.dataset.crawl));
  const show = (event) => {
    const now = JSON.parse(event.data);
    if (now.area) said.textContent = `${now.sites} sources, ${now.requests} pages read, ${now.listings} spaces listed`;
    return now;
  };
  events.addEventListener("progress", show);
  events.addEventListener("done", (event) => {
    const now = show(event);
    events.close();
    said.textContent += now.added ? `; ${now.added} are new. ` : "; nothing new. ";
  });
}
