// SPDX-License-Identifier: EUPL-1.2
// Small doors between modules that would otherwise need each other.
import { testTone } from './sound.js';

/** Once, when a session ends by itself: this screen no longer watches anything. */
export const lostTone = () => testTone('lost');
