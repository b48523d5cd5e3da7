// SPDX-License-Identifier: EUPL-1.2
// The panel beside the list (a page of its own on a phone): an alarm, a list, settings or help.
import { html, nothing } from 'lit';
import { alarmDetail } from './view-detail.js';
import { historyPage, reportsPage, shelvedPage, silentPage, testPage, waitingPage } from './view-lists.js';
import { helpPage, settingsPage } from './view-settings.js';
import { dutyTable } from './view-edge.js';
import { state } from './state.js';
import { t } from './i18n.js';

const PAGES = {
	alarm: alarmDetail,
	silent: silentPage,
	waiting: waitingPage,
	shelved: shelvedPage,
	test: testPage,
	history: historyPage,
	reports: reportsPage,
	settings: settingsPage,
	help: helpPage,
};

export function panel() {
	const page = PAGES[state.route.name];
	if (!page) return html`<h2 class="ds-heading" data-size="xs">${t('home.title')}</h2><p class="sub">${t('home.text')}</p>${dutyTable()}`;
	return html`<a class="back" href="#/">${t('back')}</a>${page() ?? nothing}`;
}
