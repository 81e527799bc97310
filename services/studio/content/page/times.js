// Days and times in the browser's time zone. A day is "2026-11-30"; days are counted with the calendar, so that a change
// of clocks moves nothing.
import {texts} from './texts.js';

export const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

const two = (number) => String(number).padStart(2, '0');

export function dayOf(date) {
  return `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function clockOf(date) {
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

// A day's midnight, or that time of the day.
export function dateOf(day, clock = '00:00') {
  const [year, month, date] = day.split('-').map(Number);
  const [hours, minutes] = clock.split(':').map(Number);
  return new Date(year, month - 1, date, hours, minutes);
}

export function addDays(day, count) {
  const date = dateOf(day);
  return dayOf(new Date(date.getFullYear(), date.getMonth(), date.getDate() + count));
}

export function addMonths(day, count) {
  const date = dateOf(day);
  return dayOf(new Date(date.getFullYear(), date.getMonth() + count, 1));
}

// Monday to Sunday as 1 to 7.
export const weekdayOf = (day) => dateOf(day).getDay() || 7;
export const weekStart = (day) => addDays(day, 1 - weekdayOf(day));
export const monthStart = (day) => `${day.slice(0, 8)}01`;

// The days to show: a week, or the six weeks around a month.
export function shownDays(mode, day) {
  const first = weekStart(mode === 'week' ? day : monthStart(day));
  return Array.from({length: mode === 'week' ? 7 : 42}, (_, i) => addDays(first, i));
}

const format = (options) => {
  const made = new Intl.DateTimeFormat(texts.language, options);
  return (date) => made.format(typeof date === 'string' ? new Date(date) : date);
};
export const momentText = format({weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit'});
export const longDayText = format({weekday: 'long', day: 'numeric', month: 'long'});
export const clockText = format({hour: '2-digit', minute: '2-digit'});
export const monthText = format({month: 'long', year: 'numeric'});
// 1 (Monday) to 7: 5 January 1970 was a Monday.
export const weekdayText = (weekday) => format({weekday: 'long'})(new Date(1970, 0, 4 + weekday));
export const shortWeekdayText = (weekday) => format({weekday: 'short'})(new Date(1970, 0, 4 + weekday));

// What an input of type datetime-local has.
export const localText = (date) => `${dayOf(date)}T${clockOf(date)}`;
export const fromLocal = (text) => {
  const [day, clock] = text.split('T');
  return dateOf(day, clock);
};
