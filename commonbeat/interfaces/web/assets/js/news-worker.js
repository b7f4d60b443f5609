// Runs without a page: shows the news that the server encrypted for this browser, and opens its page on a click.
const HOME = "/follow/mine/";

/** What the server sent; a message that cannot be read still has to show something. */
function read(data) {
  try {
    return data.json();
  } catch {
    return { title: self.location.hostname, path: "/follow/" };
  }
}

self.addEventListener("push", (event) => {
  const news = read(event.data);
  event.waitUntil(
    self.registration.showNotification(news.title, {
      body: news.text,
      lang: news.language,
      dir: news.direction,
      tag: news.topic, // newer news of the same takes the place of older
      renotify: Boolean(news.topic),
      data: { path: news.path },
      actions: news.change ? [{ action: "change", title: news.change }] : [],
    }),
  );
});

async function open(path) {
  const target = new URL(path, self.location.origin);
  const url = target.origin === self.location.origin ? target.href : self.location.origin;
  const pages = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const shown = pages.find((page) => page.url === url);
  return shown ? shown.focus() : self.clients.openWindow(url);
}

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open(event.action === "change" ? HOME : (event.notification.data?.path ?? HOME)));
});

// The browser's maker gave it a new address: tell the server, or the news would stop.
async function renew({ oldSubscription, newSubscription }) {
  if (!oldSubscription) return;
  const fresh = newSubscription ?? (await self.registration.pushManager.subscribe(oldSubscription.options));
  await fetch("/follow/renewed/", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ old: oldSubscription.endpoint, new: fresh }),
  });
}

self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renew(event)));
