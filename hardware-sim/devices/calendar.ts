/**
 * The Gregorian calendar, for the real-time clock: days and seconds since 1970-01-01T00:00:00 and back.
 * Hardware-sim has no access to the host's clock, so it also does without the host's date type.
 */

export interface CalendarTime {
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  /** 1 (Sunday) to 7. */
  readonly weekday: number;
}

const SECONDS_PER_DAY = 86400;

/** Seconds since 1970 of a date and time; fields out of range carry over, as the arithmetic has it. */
export function toSeconds(time: Omit<CalendarTime, 'weekday'>): number {
  // Years that begin in March, so that the leap day is the last; 400-year eras are all alike.
  const year = time.month > 2 ? time.year : time.year - 1;
  const era = Math.floor(year / 400);
  const yearOfEra = year - era * 400;
  const dayOfYear = Math.floor((153 * (time.month + (time.month > 2 ? -3 : 9)) + 2) / 5) + time.day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  const days = era * 146097 + dayOfEra - 719468;
  return days * SECONDS_PER_DAY + time.hour * 3600 + time.minute * 60 + time.second;
}

/** The date and time of a number of seconds since 1970. */
export function fromSeconds(seconds: number): CalendarTime {
  const days = Math.floor(seconds / SECONDS_PER_DAY);
  const ofDay = seconds - days * SECONDS_PER_DAY;
  const shifted = days + 719468;
  const era = Math.floor(shifted / 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1,
    hour: Math.floor(ofDay / 3600),
    minute: Math.floor(ofDay / 60) % 60,
    second: ofDay % 60,
    weekday: ((((days + 4) % 7) + 7) % 7) + 1,
  };
}

/** Reads `YYYY-MM-DDTHH:MM:SS`, optionally with a final Z. Throws on anything else and on dates that do not exist. */
export function parseTime(text: string): number {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)Z?$/.exec(text);
  const fields = match?.slice(1).map(Number) ?? [];
  const [year, month, day, hour, minute, second] = fields;
  const seconds = match === null ? Number.NaN : toSeconds({ year, month, day, hour, minute, second });
  const back = match === null ? undefined : fromSeconds(seconds);
  const same =
    back !== undefined &&
    [back.year, back.month, back.day, back.hour, back.minute, back.second].every((value, i) => value === fields[i]);
  if (!same) throw new RangeError(`start time '${text}': expected an existing date as YYYY-MM-DDTHH:MM:SS`);
  return seconds;
}
