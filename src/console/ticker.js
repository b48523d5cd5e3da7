// SPDX-License-Identifier: EUPL-1.2
// A clock in a worker: browsers slow the timers of a page nobody looks at, not those of its workers,
// and the console must notice silence also behind forty other tabs.
setInterval(() => postMessage(0), 500);
