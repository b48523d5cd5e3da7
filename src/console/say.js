// SPDX-License-Identifier: EUPL-1.2
// Words for screen readers. role=alert is kept for a new critical alarm (and a critical one that
// sounds again); all else is polite. WCAG 4.1.3.

function put(id, text) {
	const box = document.getElementById(id);
	const line = document.createElement('p');
	line.textContent = text;
	box.append(line);
	while (box.childElementCount > 4) box.firstElementChild.remove();
	setTimeout(() => line.remove(), 15000);
}
export const sayAlert = (text) => put('say-alert', text);
export const sayStatus = (text) => put('say-status', text);
