// All that the page says, in the browser's language if that is Russian, otherwise in English.
import {en} from './en.js';
import {ru} from './ru.js';

export const texts = navigator.language.startsWith('ru') ? ru : en;
